use offpay_protocol::{Amount, PaymentId, Signable, Timestamp, messages::Payment};

use super::{Paid, PayError, ReadRequest, shown};
use crate::{
    State, Unstored,
    keys::{KeyError, SecretKind, Unlocked},
    records::{MadePayment, OwnPurse, StoredCertificate},
    storage::StorageError,
    use_case::UseCase,
};

impl State {
    /// Takes the next serials of a purse and signs them away.
    ///
    /// The cumulative counts every payment ever signed to this payee, collected or not. The storage refuses the entry
    /// if the purse's next serial is not the payment's first one: serials have one writer.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different thing that was decided before"
    )]
    pub(crate) fn sign_payment(
        &self,
        keys: &Unlocked,
        purse: &OwnPurse,
        certificate: StoredCertificate,
        amount: Amount,
        read: &ReadRequest,
        refund_of: Option<PaymentId>,
        now: Timestamp,
    ) -> Result<Unstored<Paid>, PayError> {
        let not_enough = PayError::NotEnough {
            amount,
            left: purse.left(),
        };
        let Some(serials) = purse.next_serials(amount) else {
            return Err(not_enough);
        };
        let domain = &self.deployment().domain;
        let payee = read.request.payee;
        let cumulative = self.index.promised(purse.key, payee).checked_add(amount);
        let payment = Payment {
            payee,
            start: serials.start(),
            amount,
            cumulative: cumulative.ok_or(not_enough)?,
            reference: read.request.reference(domain),
        };
        // What is promised to all payees together is at most what was handed out: an honest purse passes this always.
        payment
            .check_within(purse.funds)
            .map_err(|_| StorageError::Inconsistent {
                what: "promises stay within the serials",
            })?;
        let address = purse.key.address();
        let device = keys.open(SecretKind::Device(address), address, &purse.sealed)?;
        let signature = payment
            .sign(domain, &device)
            .map_err(|_| KeyError::NotAKey)?;
        let made = MadePayment {
            number: self.next_number(),
            id: payment.id(domain),
            purse: purse.key,
            payment,
            signature,
            made_at: self.time(now),
            request: read.request.clone(),
            payee_name: read.payee_name.clone(),
            request_signer: read.signer,
            refund_of,
            receipt: None,
        };
        let paid = Paid::Payment(shown(&made, certificate));
        Ok(self.decided(UseCase::RecordPayment(Box::new(made)), now, paid))
    }
}
