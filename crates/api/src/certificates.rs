//! `GET /v1/purses/{key}/certificate`: what a payee with no network knows of a payer.

use offpay_protocol::{OperatorId, Signed, messages::Certificate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A purse's certificate, of a finalized block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificateView {
    /// Who signed it.
    #[schema(value_type = String)]
    pub operator: OperatorId,
    /// The certificate.
    #[schema(value_type = Object)]
    pub certificate: Signed<Certificate>,
}
