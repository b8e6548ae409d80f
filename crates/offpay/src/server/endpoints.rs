//! The endpoints that a wallet asks.

use offpay_api::{
    certificates::CertificateView,
    operator::OperatorView,
    payments::{ClearPayment, ClearedPayment},
    revocations::RevocationsView,
};
use offpay_protocol::{PurseKey, Signed, messages::Payment};
use offpay_wallet::records::StoredCertificate;

use super::{Server, ServerError};

impl Server {
    /// Who it is, and its keys.
    pub(crate) async fn operator(&self) -> Result<OperatorView, ServerError> {
        self.get("v1/operator").await
    }

    /// A fresh certificate of a purse.
    pub(crate) async fn certificate(
        &self,
        purse: PurseKey,
    ) -> Result<StoredCertificate, ServerError> {
        let path = format!("v1/purses/{purse}/certificate");
        let CertificateView { certificate, .. } = self.get(&path).await?;
        Ok(StoredCertificate {
            certificate: certificate.message,
            signature: certificate.signature,
        })
    }

    /// What changed in its list of purses that are closing, since one with this version or since none.
    pub(crate) async fn revocations(
        &self,
        since: Option<u64>,
    ) -> Result<RevocationsView, ServerError> {
        match since {
            Some(since) => self.get(&format!("v1/revocations?since={since}")).await,
            None => self.get("v1/revocations").await,
        }
    }

    /// Posts a payment for clearance.
    pub(crate) async fn clear(
        &self,
        payment: Signed<Payment>,
    ) -> Result<ClearedPayment, ServerError> {
        self.post("v1/payments", &ClearPayment { payment }).await
    }
}
