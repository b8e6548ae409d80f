//! The names of refusals are part of the API: each is said once, and in one style.

use offpay_protocol::{
    acceptance::Refusal, attestation::AttestationRefusal, certificate::RotationRefusal,
    channel::VoucherRefusal, clearance::ClearanceRefusal, proof::ProofError,
    revocations::RevocationRefusal, settlement::PurseError, signature::SignatureError,
    wire::WireError,
};

#[test]
fn every_name_is_its_own() {
    let codes = [
        Refusal::NotOwnRequest.code(),
        Refusal::AlreadyAccepted.code(),
        Refusal::OtherReference.code(),
        Refusal::Revoked.code(),
        Refusal::Signature(SignatureError::HighS).code(),
        AttestationRefusal::OtherSubject.code(),
        RotationRefusal::BackDated.code(),
        VoucherRefusal::NotSeenOpen.code(),
        VoucherRefusal::OtherChannel.code(),
        ClearanceRefusal::NotInTree.code(),
        RevocationRefusal::OtherList.code(),
        ProofError::Surplus.code(),
        ProofError::Incomplete.code(),
        SignatureError::HighS.code(),
        WireError::NotACode.code(),
        WireError::Checksum.code(),
    ];
    let unique: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(unique.len(), codes.len());
    for code in codes {
        assert!(
            code.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{code}"
        );
    }
}

/// The reference model speaks as the contract does.
#[test]
fn the_contracts_errors_keep_the_contracts_names() {
    assert_eq!(PurseError::PurseIsClosed.code(), "PurseIsClosed");
    assert_eq!(PurseError::NoConflict.code(), "NoConflict");
}

#[test]
fn what_time_mends_can_be_tried_again() {
    let not_closable = PurseError::NotClosable {
        closes_at: None,
        pairs_in_default: 1,
    };
    assert!(not_closable.is_retryable());
    assert!(!PurseError::PurseIsClosed.is_retryable());
    assert!(VoucherRefusal::NotSeenOpen.is_retryable());
    assert!(!VoucherRefusal::OtherChannel.is_retryable());
    assert!(!Refusal::Revoked.is_retryable());
}
