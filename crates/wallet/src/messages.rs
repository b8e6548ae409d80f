//! What people are told: every refusal in plain words, and what to do about it. At the counter in
//! this file; setting up, syncing and securing in `messages/device.rs`.
//!
//! The `Display` of an error is for logs and developers. These sentences are for whoever stands at the counter: they
//! name no message, key or rule, and end with what helps.

use offpay_protocol::{
    acceptance::{NotCovered, Refusal, Verdict},
    certificate::CertificateRefusal,
    channel::VoucherRefusal,
    payment_rules::MalformedPayment,
    wire::WireError,
};

use crate::{
    Token,
    accept::{AcceptError, AcceptRefusal},
    channel::ChannelError,
    date::{show, span},
    pay::PayError,
    refund::RefundError,
    report::ReportError,
    sale::SaleError,
};

mod device;

/// Says it in plain words.
pub trait Message {
    /// The sentence. Amounts are shown in `token`, times in UTC.
    fn message(&self, token: &Token) -> String;
}

impl Message for Verdict {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Guaranteed => {
                "Guaranteed. You will be paid, whatever anybody else does, if you go online in time.".into()
            }
            Self::CoveredUpTo { up_to, while_at_most, .. } => format!(
                "Covered up to {}, as long as no more than {while_at_most} shops have to claim.",
                token.show(*up_to)
            ),
            Self::NotCovered { why } => format!("Not covered. {}", why.message(token)),
        }
    }
}

impl Message for NotCovered {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::NotJoined { .. } => {
                "The payer's money is set aside for a group of shops that you are not in.".into()
            }
            Self::MembershipPending { from } => {
                format!(
                    "You are new in the payer's group of shops. It counts from {}.",
                    show(*from)
                )
            }
            Self::DismissalPending { until } => {
                format!(
                    "You are leaving the payer's group of shops on {}.",
                    show(*until)
                )
            }
            Self::TooLate { .. } => "Too much time has passed. Go online, then try again.".into(),
            Self::NoCover => "The payer has set nothing aside.".into(),
        }
    }
}

impl Message for AcceptRefusal {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Unreadable(error) => error.message(token),
            Self::NotAPayment => {
                "This code is not a payment. Ask the payer to show the payment.".into()
            }
            Self::NotForThisWallet => {
                "This payment is for somebody else. Show your own code and ask to be paid again."
                    .into()
            }
            Self::NoCertificate => {
                "The payer showed only half of the payment. Ask for the full code.".into()
            }
            Self::RequestWithdrawn => "You took this request back. Make a new one.".into(),
            Self::Refused(refusal) => refusal.message(token),
            Self::Clearance(_) => {
                "The operator's word on this payment is not trustworthy. Ask the operator.".into()
            }
            Self::NeedsNetwork { floor, .. } => format!(
                "From {} on you want to ask the network first. Go online, then scan again.",
                token.show(*floor)
            ),
        }
    }
}

impl Message for Refusal {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::NotOwnRequest => "This payment is for another shop's request.".into(),
            Self::AlreadyAccepted => "You have this payment already.".into(),
            Self::RequestExpired { .. } => "Your request has run out. Make a new one.".into(),
            Self::RequestUsed { .. } => {
                "This request was paid already, by another payment. Make a new one.".into()
            }
            Self::Signature(_) => "This code is damaged or forged. Do not accept it.".into(),
            Self::NotTheCertifiedPurse { .. } => {
                "The payment and the payer's proof of money do not belong together. Do not accept it.".into()
            }
            Self::Certificate(refusal) => refusal.message(token),
            Self::OtherPayee { .. } => "This payment goes to somebody else. Do not accept it.".into(),
            Self::OtherAmount { asked, paid } => format!(
                "You asked for {}, the payment is {}.",
                token.show(*asked),
                token.show(*paid)
            ),
            Self::OtherReference => "This payment is for another request.".into(),
            Self::Malformed(malformed) => malformed.message(token),
            Self::CumulativeTooLow { .. } => {
                "The payer's wallet miscounted: this payment would be paid with money that you were \
                 already promised. Do not accept it."
                    .into()
            }
            Self::Conflict { .. } => {
                "The payer is spending the same money twice. Do not accept it. The proof is kept and \
                 will be reported."
                    .into()
            }
            Self::Revoked => "This payer's wallet was stopped. Do not accept it.".into(),
            Self::TooManyHeld { limit } => format!(
                "You hold {limit} payments that are not settled: that is your limit. Go online first."
            ),
            Self::TooMuchHeld { limit, .. } => format!(
                "You would hold more than your limit of {} that is not settled. Go online first.",
                token.show(*limit)
            ),
            Self::TooMuchFromPayer { limit, .. } => format!(
                "You would hold more than your limit of {} from this payer. Go online first.",
                token.show(*limit)
            ),
            Self::TooLongSinceSync { elapsed, .. } => format!(
                "You were last online {} ago. Go online first.",
                span(*elapsed)
            ),
            Self::TooMuchUncovered { uncovered, .. } => format!(
                "{} of this payment would not be covered, which is more than you allow.",
                token.show(*uncovered)
            ),
        }
    }
}

impl Message for CertificateRefusal {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::Signature(_) | Self::ImpossibleTerms => {
                "The payer's proof of money is forged. Do not accept it.".into()
            }
            Self::UntrustedOperator { .. } => {
                "The payer's proof of money is by an operator that you do not know. Scan the \
                 operator's card if you trust it."
                    .into()
            }
            Self::Stale { age, .. } => format!(
                "The payer's proof of money is {} old. The payer has to go online first.",
                span(*age)
            ),
            Self::FromTheFuture { .. } => {
                "The clock of this device seems to be slow, or the operator's is fast. Check the time.".into()
            }
        }
    }
}

impl Message for MalformedPayment {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::BeyondFunds { .. } => {
                "The payer's wallet does not hold that much, as far as its proof of money shows. The \
                 payer has to go online first."
                    .into()
            }
            _ => "This payment can never be paid out. Do not accept it.".into(),
        }
    }
}

impl Message for WireError {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::NotACode => "This is not an OffPay code.".into(),
            Self::UnknownVersion(_) | Self::UnknownType(_) => {
                "This code is from a newer version. Update the app.".into()
            }
            Self::OtherDeployment { .. } => "This code is for another network or currency.".into(),
            Self::OtherSubject => "This code belongs to something else.".into(),
            _ => "This code is damaged. Scan it again.".into(),
        }
    }
}

impl Message for AcceptError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Refused(refusal) => refusal.message(token),
            Self::Storage(error) => {
                format!(
                    "The payment could not be saved, so it was not accepted. {}",
                    error.message(token)
                )
            }
        }
    }
}

impl Message for PayError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::CannotPay => "This device takes payments and cannot make any.".into(),
            Self::OwnRequest => "This is your own request.".into(),
            Self::NoPayee => "This code does not say whom to pay.".into(),
            Self::Expired { .. } => "This request has run out. Ask for a new one.".into(),
            Self::NotSignedByPayee { .. } => {
                "Careful: this request was not made by the shop that it names. Do not pay it.".into()
            }
            Self::AmountMissing => "Type how much you want to pay.".into(),
            Self::OtherAmount { asked, .. } => {
                format!("This request is for exactly {}.", token.show(*asked))
            }
            Self::AlreadyPaid { .. } => {
                "You paid this already. Show the same payment again if the shop did not get it.".into()
            }
            Self::OverPaymentLimit { limit, .. } => {
                format!("Your own limit for one payment is {}.", token.show(*limit))
            }
            Self::OverDayLimit { spent, limit, .. } => format!(
                "Your own limit is {} in 24 hours, and you spent {}.",
                token.show(*limit),
                token.show(*spent)
            ),
            Self::OverCountLimit { limit } => {
                format!("Your own limit is {limit} payments in 24 hours.")
            }
            Self::NoPurse => "You have no money set aside for paying offline yet.".into(),
            Self::PurseNotUsable { .. } => "This purse is not open for paying.".into(),
            Self::NotEnough { left, .. } => {
                format!("There is not enough money set aside: {} is left.", token.show(*left))
            }
            Self::NotCertifiedYet { left, .. } => format!(
                "You can pay up to {} for now. Go online once to use all of your money.",
                token.show(*left)
            ),
            Self::NoCertificate { .. } | Self::CertificateNotFresh { .. } => {
                "You have been offline for too long: shops would not accept it. Go online once, then pay.".into()
            }
            Self::Channel { error, .. } => error.message(token),
            Self::UnknownPayment(_) => "This wallet made no such payment.".into(),
            Self::Refund(error) => error.message(token),
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => {
                format!("The payment could not be saved, so nothing was paid. {}", error.message(token))
            }
        }
    }
}

impl Message for RefundError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Unknown(_) => "You did not receive this payment.".into(),
            Self::MoreThanReceived { left, .. } => {
                format!("You can give back {} of this payment.", token.show(*left))
            }
            Self::AllGivenBack => "You gave back all of this payment already.".into(),
            Self::NotOurTill(_) => "This refund is asked for at a till that is not yours.".into(),
        }
    }
}

impl Message for SaleError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::TooMuch => "That is more than there can be. Check the amounts.".into(),
            Self::Nothing => {
                "Nothing is to be paid. Type an amount, or choose what is sold.".into()
            }
            Self::TooLong => {
                "That is too long for one sale. Split it, or use shorter names.".into()
            }
            Self::Ask(error) => error.message(token),
        }
    }
}

impl Message for ReportError {
    fn message(&self, _: &Token) -> String {
        match self {
            Self::NotAReport => {
                "This is no report of a till, or it is damaged. Show it again at the till.".into()
            }
            Self::Overlap { .. } => {
                "Two reports of one till count the same hours twice. Take one of them out.".into()
            }
            Self::TooMuch => "That is more than can be added up. Use fewer reports.".into(),
        }
    }
}

impl Message for ChannelError {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Unknown(_) | Self::NotOurs => "You have no such channel.".into(),
            Self::CannotPay => "This device takes payments and cannot have channels.".into(),
            Self::Terms(_) => "Do not use this channel: it is not set up for your wallet.".into(),
            Self::OtherPayee => "This channel is with somebody else.".into(),
            Self::OneWay => "This channel only goes the other way.".into(),
            Self::NoKey => {
                "This channel was used on another device. Close it and open a new one.".into()
            }
            Self::NotOpen(_) => {
                "This channel is not open, or was not seen open yet. Go online.".into()
            }
            Self::NotEnough { left, .. } => {
                format!(
                    "There is not enough in the channel: {} is left.",
                    token.show(*left)
                )
            }
            Self::CloseSigned { deadline } => format!(
                "You agreed to close this channel. It rests until {} has passed and you were online.",
                show(*deadline)
            ),
            Self::Voucher(refusal) => refusal.message(token),
            Self::RequestNotOpen => "This request was paid, has run out, or was taken back.".into(),
            Self::Unreadable(error) => error.message(token),
            Self::OtherClose => {
                "The other side wants to close with other amounts than yours. Do not agree.".into()
            }
            Self::CloseDeadline { .. } => {
                "This offer to close has run out, or would last for too long. Ask for a new one."
                    .into()
            }
            Self::OneWayClose => "The receiver closes this channel alone.".into(),
            Self::Locked(error) => error.message(token),
            Self::Storage(error) => error.message(token),
        }
    }
}

impl Message for VoucherRefusal {
    fn message(&self, token: &Token) -> String {
        match self {
            Self::Terms(_) => "Do not use this channel: it is not set up for your wallet.".into(),
            Self::WrongDirection => "Nobody can pay you through this channel.".into(),
            Self::NotSeenOpen => "This channel is not known to be open. Go online first.".into(),
            Self::CloseSigned { deadline } => format!(
                "You agreed to close this channel. It rests until {} has passed and you were online.",
                show(*deadline)
            ),
            Self::TooLate { .. } => "Too much time has passed. Go online, then try again.".into(),
            Self::OtherChannel | Self::NotTheCounterparty { .. } => {
                "This payment belongs to somebody else's channel. Do not accept it.".into()
            }
            Self::Signature(_) => "This code is damaged or forged. Do not accept it.".into(),
            Self::TooLow { .. } => {
                "This payment is too low, or an old one. Do not accept it.".into()
            }
            Self::Overdrawn { short } => format!(
                "The payer has {} less in the channel than this payment. Do not accept it.",
                token.show(*short)
            ),
        }
    }
}
