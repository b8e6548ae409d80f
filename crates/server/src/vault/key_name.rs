use offpay_protocol::{ChannelKey, PurseKey};

/// One of a hosted user's signing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// The key of the account itself.
    Account,
    /// A purse's device key.
    Purse(PurseKey),
    /// The key of a channel's vouchers.
    Channel(ChannelKey),
}

impl KeyName {
    /// What it is called in the database, and authenticated with.
    pub(crate) fn purpose(self) -> String {
        match self {
            Self::Account => "key/account".to_owned(),
            Self::Purse(key) => format!("key/purse/{:#x}", key.address()),
            Self::Channel(key) => format!("key/channel/{:#x}", key.address()),
        }
    }
}
