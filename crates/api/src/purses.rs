//! `/v1/setup` and `/v1/purses`: money set aside for paying anybody.

use offpay_protocol::{AccountId, Amount, Circle, PurseKey, Signature};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::operations::OperationView;

/// Everything that it takes to pay, in one: tokens that wait become balance, collateral is posted, a purse is opened.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The purse's money; all that is left without it.
    #[schema(value_type = Option<String>)]
    pub funds: Option<Amount>,
    /// The collateral behind it; as much as a registered account needs without it.
    #[schema(value_type = Option<String>)]
    pub pledge: Option<Amount>,
    /// Whose members may claim on it; the operator's circle without it.
    #[schema(value_type = Option<String>)]
    pub circle: Option<Circle>,
}

/// A purse that the server signs for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenPurse {
    /// Its money, out of the balance.
    #[schema(value_type = String)]
    pub funds: Amount,
    /// The collateral behind it, which must be there and free.
    #[schema(value_type = String)]
    pub pledge: Amount,
    /// Into how many covers the pledge is divided.
    #[schema(minimum = 1, maximum = 65534)]
    pub cover_count: Option<u16>,
    /// Whose members may claim on it; the operator's circle without it, and zero for the open circle.
    #[schema(value_type = Option<String>)]
    pub circle: Option<Circle>,
}

/// A purse whose device key was made on the user's own phone. The server never sees that key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenPhonePurse {
    /// The device key's address.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// `PurseKey(owner)` with the account as owner, signed by the device key.
    #[schema(value_type = String)]
    pub signature: Signature,
    /// Its terms.
    pub terms: OpenPurse,
}

/// A purse on its way to being open.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OpeningPurse {
    /// Its key.
    #[schema(value_type = String)]
    pub purse: PurseKey,
    /// What is done to open it.
    pub operation: OperationView,
}

/// Money or collateral added to a purse.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddToPurse {
    /// In base units.
    #[schema(value_type = String)]
    pub amount: Amount,
}

/// Which payees in default are paid out of the balance.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeGood {
    /// Who is paid; everybody in default without it.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub payees: Option<Vec<AccountId>>,
}
