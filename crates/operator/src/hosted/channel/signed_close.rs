use offpay_protocol::{Signature, channel::Side, messages::ChannelClose};
use serde::{Deserialize, Serialize};

/// A cooperative close, signed by one side or by both: then anybody can bring it to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedClose {
    /// The close.
    pub close: ChannelClose,
    /// Side A's signature, if it is there.
    pub by_a: Option<Signature>,
    /// Side B's signature, if it is there.
    pub by_b: Option<Signature>,
}

impl SignedClose {
    /// A close that one side signed.
    pub const fn by(close: ChannelClose, side: Side, signature: Signature) -> Self {
        let none = Self {
            close,
            by_a: None,
            by_b: None,
        };
        none.signed(side, signature)
    }

    /// A side's signature, if it is there.
    pub const fn signature(&self, side: Side) -> Option<Signature> {
        match side {
            Side::A => self.by_a,
            Side::B => self.by_b,
        }
    }

    /// The same with a side's signature.
    #[must_use]
    pub const fn signed(self, side: Side, signature: Signature) -> Self {
        match side {
            Side::A => Self {
                by_a: Some(signature),
                ..self
            },
            Side::B => Self {
                by_b: Some(signature),
                ..self
            },
        }
    }
}
