//! Use cases of every kind, as a wallet would write them, and as one never would.

use alloy_primitives::{Address, B256};
use offpay_protocol::{
    AccountId, Amount, ChannelId, ChannelKey, Circle, Domain, OperatorId, PaymentId, PurseKey,
    Reference, Seconds, Signature, SigningKey, Timestamp,
    acceptance::{Membership, Verdict},
    certificate::TrustedOperators,
    cover::Parameters,
    messages::{Certificate, ChannelTerms, Clearance, Payment, Receipt, Request, Voucher},
};
use offpay_wallet::{
    Deployment, Entropy, Token,
    keys::{KdfCost, Password, SealedSecret, Vault},
    profile::{Identity, Profile, RequestKey},
    records::{
        Acceptance, Channel, ChannelStanding, Contact, Evidence, FinalizedBlock, HandIn,
        IssuedRequest, JoinedCircle, MadePayment, Milestone, OperatorCard, OwnChannelKey, OwnPurse,
        Pair, PayeeName, PayerPurse, PaymentClearance, PurseStanding, PurseTerms, ReceivedPayment,
        RevocationList, SignedPayment, SignedReceipt, SignedVoucher, StoredCertificate,
        VoucherDirection, VoucherNote,
    },
    settings::Settings,
    storage::{Entry, Storage, StorageError},
    use_case::{NewWallet, Restored, UseCase, VoucherRecord},
};

pub(crate) fn units(units: u64) -> Amount {
    units.into()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap()
}

fn signature() -> Signature {
    let key = SigningKey::from_bytes(&[1; 32]).unwrap();
    key.sign(B256::repeat_byte(1)).unwrap()
}

fn hash(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

fn address(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

fn sealed() -> SealedSecret {
    let json = format!(
        "{{\"nonce\":\"0x{}\",\"ciphertext\":\"0x00ff\"}}",
        "07".repeat(24)
    );
    serde_json::from_str(&json).unwrap()
}

fn vault(byte: u8) -> Vault {
    let entropy = Entropy::new([byte; 32]);
    let password = Password::new("2468");
    Vault::create(
        &password,
        KdfCost::FOR_TESTS,
        &entropy,
        Seconds::HOUR,
        at(0),
    )
    .unwrap()
    .0
}

fn request_key(attested: bool) -> RequestKey {
    let message = offpay_protocol::messages::Attestation {
        payee: address(2).into(),
        signer: address(3),
        name: "Ωmega \"shop\"".into(),
        expires_at: at(9),
    };
    let domain = Domain::new(1, address(9));
    let attestation = attested.then(|| offpay_protocol::Signed {
        domain,
        message,
        signature: signature(),
    });
    RequestKey {
        address: address(3),
        sealed: sealed(),
        attestation,
    }
}

pub(crate) fn create() -> UseCase {
    let deployment = Deployment {
        domain: Domain::new(1, address(9)),
        parameters: Parameters::standard(units(1)),
        token: Token {
            symbol: "OFFPAY".into(),
            decimals: 18,
        },
    };
    let identity = Identity::Payee {
        account: address(2).into(),
        request_key: Box::new(request_key(false)),
    };
    let profile = Profile {
        deployment,
        identity,
        vault: vault(1),
        name: "Ωmega".into(),
    };
    UseCase::Create(Box::new(NewWallet {
        profile,
        settings: Settings::cautious(units(100)),
    }))
}

pub(crate) fn purse(byte: u8) -> OwnPurse {
    OwnPurse {
        key: PurseKey::new(address(byte)),
        sealed: sealed(),
        made_at: at(1),
        terms: PurseTerms {
            circle: Circle::OPEN,
            cover_count: 10,
            funds: units(1_000),
            pledge: Amount::MAX,
        },
        next_serial: Amount::ZERO,
        funds: units(1_000),
        standing: PurseStanding::Open,
        certificate: None,
        retired: false,
    }
}

fn request(byte: u8) -> Request {
    Request {
        payee: address(2).into(),
        amount: units(byte.into()),
        nonce: hash(byte).into(),
        expires_at: at(100),
        name: "name".into(),
        memo: "memo, \"quoted\"".into(),
    }
}

pub(crate) fn made(byte: u8, purse: u8, start: u64, amount: u64) -> MadePayment {
    MadePayment {
        number: u64::from(byte),
        id: PaymentId::new(hash(byte)),
        purse: PurseKey::new(address(purse)),
        payment: Payment {
            payee: AccountId::new(address(7)),
            start: units(start),
            amount: units(amount),
            cumulative: units(amount),
            reference: Reference::new(hash(byte)),
        },
        signature: signature(),
        made_at: at(5),
        request: request(byte),
        payee_name: PayeeName::Contact {
            name: "Bakery".into(),
        },
        request_signer: Some(address(4)),
        refund_of: None,
        receipt: None,
    }
}

fn stored_certificate() -> StoredCertificate {
    let certificate = Certificate {
        purse: PurseKey::new(address(1)),
        owner: AccountId::new(address(2)),
        circle: Circle::OPEN,
        funds: units(1),
        pledge: units(2),
        cover_count: 3,
        circle_size: 4,
        as_of: at(5),
    };
    StoredCertificate {
        certificate,
        signature: signature(),
    }
}

pub(crate) fn received(byte: u8) -> ReceivedPayment {
    let made = made(byte, 1, 0, 5);
    ReceivedPayment {
        number: u64::from(byte),
        id: made.id,
        purse: made.purse,
        payer: AccountId::new(address(8)),
        payment: made.payment,
        signature: signature(),
        certificate: stored_certificate(),
        received_at: at(6),
        acceptance: Acceptance {
            verdict: Verdict::CoveredUpTo {
                up_to: units(9),
                while_at_most: 10,
                circle_size: 11,
            },
            cover: units(9),
            exposure: units(5),
            excess: Amount::ZERO,
            is_older: false,
            hand_in_by: at(99),
        },
        request: made.payment.reference,
        refund_of: Some(PaymentId::new(hash(77))),
        receipt: None,
    }
}

fn receipt(byte: u8) -> SignedReceipt {
    let receipt = Receipt {
        payment: PaymentId::new(hash(byte)),
        accepted_at: at(6),
    };
    SignedReceipt {
        receipt,
        signature: signature(),
    }
}

fn block(number: u64) -> FinalizedBlock {
    FinalizedBlock {
        number,
        hash: hash(4),
        time: at(7),
        nodes: 2,
    }
}

pub(crate) fn channel(byte: u8) -> Channel {
    Channel {
        id: ChannelId::new(hash(byte)),
        terms: ChannelTerms {
            a: address(1).into(),
            b: address(2).into(),
            key_a: address(3).into(),
            key_b: address(4).into(),
            close_delay: Seconds::days(7),
            salt: hash(byte).into(),
        },
        own_key: Some(own_channel_key(byte)),
        added_at: at(1),
        deposit_a: Amount::MAX,
        deposit_b: Amount::ZERO,
        sent: Amount::ZERO,
        newest_sent: None,
        received: Amount::ZERO,
        newest_received: None,
        handed_in: Amount::ZERO,
        seen_open: None,
        standing: ChannelStanding::Proposed,
        close_signed_until: None,
    }
}

fn own_channel_key(byte: u8) -> OwnChannelKey {
    OwnChannelKey {
        address: ChannelKey::new(address(byte)),
        sealed: sealed(),
    }
}

pub(crate) fn voucher(byte: u8, channel: u8, before: u64, reaches: u64) -> VoucherRecord {
    let voucher = Voucher {
        channel: ChannelId::new(hash(channel)),
        cumulative: units(reaches),
        reference: Reference::new(hash(byte)),
    };
    let note = VoucherNote {
        number: byte.into(),
        id: PaymentId::new(hash(byte)),
        channel: voucher.channel,
        counterparty: address(2).into(),
        direction: VoucherDirection::Sent,
        amount: units(reaches.saturating_sub(before)),
        cumulative: units(reaches),
        reference: voucher.reference,
        at: at(8),
        name: String::new(),
        memo: String::new(),
    };
    VoucherRecord {
        channel: voucher.channel,
        before: units(before),
        voucher: SignedVoucher {
            voucher,
            signature: signature(),
        },
        note,
    }
}

fn evidence(byte: u8) -> Evidence {
    let side = |byte| SignedPayment {
        payment: made(byte, 1, 0, 5).payment,
        signature: signature(),
    };
    let purse = PurseKey::new(address(1));
    Evidence {
        purse,
        a: side(byte),
        b: side(byte.wrapping_add(1)),
        found_at: at(9),
    }
}

fn pair(byte: u8) -> Pair {
    Pair {
        purse: PurseKey::new(address(1)),
        payee: AccountId::new(address(byte)),
        handed_in: Some(HandIn {
            cumulative: units(5),
            at: at(6),
            transaction: Some(hash(5)),
        }),
        milestones: vec![Milestone {
            credited: units(3),
            block: block(12),
        }],
        in_default_since: Some(at(3)),
    }
}

fn trusted() -> TrustedOperators {
    TrustedOperators::new([OperatorId::new(address(6))])
}

fn card() -> OperatorCard {
    OperatorCard {
        operator: OperatorId::new(address(6)),
        name: "Operator".into(),
        server: "https://operator.example/?a=1&b='2'".into(),
    }
}

fn circle() -> JoinedCircle {
    let membership = Membership {
        from: at(1),
        until: Some(at(2)),
        checked_at: at(3),
    };
    let circle = Circle::new(address(5));
    JoinedCircle {
        circle,
        name: "Market".into(),
        membership: Some(membership),
    }
}

fn contact() -> Contact {
    Contact {
        account: AccountId::new(address(7)),
        name: "Bäcker; DROP TABLE contacts".into(),
    }
}

/// One of every kind, in an order in which a wallet could write them.
pub(crate) fn one_of_each() -> Vec<UseCase> {
    let seen = OwnPurse {
        certificate: Some(stored_certificate()),
        ..purse(1)
    };
    let mut opened = channel(1);
    opened.standing = ChannelStanding::Open;
    opened.seen_open = Some(at(9));
    opened.close_signed_until = Some(at(10));
    let revocations = RevocationList {
        operator: OperatorId::new(address(6)),
        version: u64::MAX,
        as_of: at(2),
        purses: [PurseKey::new(address(1))].into(),
    };
    let payer = PayerPurse {
        purse: PurseKey::new(address(1)),
        standing: PurseStanding::Closing { closes_at: at(9) },
        seen_at: at(8),
        false_certificate: Some(stored_certificate()),
    };
    let issued = |byte: u8| IssuedRequest {
        sale: byte.is_multiple_of(2).then(|| offpay_wallet::sale::Sale {
            lines: Vec::new(),
            tip: Amount::from_u64(u64::from(byte)),
        }),
        number: 1,
        reference: Reference::new(hash(byte)),
        request: request(byte),
        signature: Some(signature()),
        made_at: at(3),
        withdrawn: false,
    };
    let restored = Restored {
        requests: vec![issued(1), issued(50)],
        received: vec![received(21), received(51)],
        made: vec![made(52, 40, 0, 5), made(11, 1, 0, 10)],
        pairs: vec![pair(7), pair(53)],
        payers: vec![payer],
        evidence: vec![evidence(1), evidence(54)],
        channels: vec![
            channel(1),
            Channel {
                own_key: None,
                ..channel(55)
            },
        ],
        vouchers: Vec::new(),
        contacts: vec![contact()],
        retired: vec![PurseKey::new(address(1)), PurseKey::new(address(99))],
        circles: vec![circle()],
    };
    vec![
        create(),
        UseCase::ChangePassword(vault(2)),
        UseCase::ChangeSettings(Settings::cautious(units(7))),
        UseCase::RecordAttestation(request_key(true)),
        UseCase::PreparePurse(purse(1)),
        UseCase::UpdatePurse(seen),
        UseCase::RecordPayment(Box::new(made(11, 1, 0, 10))),
        UseCase::RecordPayment(Box::new(made(12, 1, 10, 1))),
        UseCase::RecordReceipt(PaymentId::new(hash(11)), receipt(11)),
        UseCase::RecordRequest(issued(1)),
        UseCase::WithdrawRequest(Reference::new(hash(1))),
        UseCase::WithdrawRequest(Reference::new(hash(99))),
        UseCase::RecordAccepted(Box::new(received(21))),
        UseCase::GiveReceipt(PaymentId::new(hash(21)), receipt(21)),
        UseCase::RecordEvidence(evidence(1)),
        UseCase::PrepareChannelKey(own_channel_key(1)),
        UseCase::AddChannel(channel(1)),
        UseCase::UpdateChannel(opened),
        UseCase::RecordVoucher(Box::new(voucher(31, 1, 0, 5))),
        UseCase::RecordVoucher(Box::new(voucher(32, 1, 5, 6))),
        UseCase::RecordVoucherAccepted(Box::new(voucher(33, 1, 0, 9))),
        UseCase::RecordCircle(circle()),
        UseCase::RecordCircle(JoinedCircle {
            circle: Circle::OPEN,
            ..circle()
        }),
        UseCase::LeaveCircle(Circle::OPEN),
        UseCase::TrustOperator(card(), trusted()),
        UseCase::FollowOperator(TrustedOperators::new([OperatorId::new(address(5))])),
        UseCase::RecordRevocations(revocations),
        UseCase::RecordClearance(Box::new(clearance(5))),
        // The first one stays.
        UseCase::RecordClearance(Box::new(clearance(6))),
        UseCase::RecordContact(contact()),
        UseCase::RecordContact(Contact {
            account: AccountId::new(address(6)),
            ..contact()
        }),
        UseCase::ForgetContact(AccountId::new(address(6))),
        UseCase::RecordPayer(payer),
        UseCase::RecordPair(pair(7)),
        UseCase::RecordSync(block(13)),
        UseCase::RestoreBackup(Box::new(restored)),
        UseCase::ForgetOperator(OperatorId::new(address(6)), TrustedOperators::default()),
    ]
}

/// What no wallet writes, after [`one_of_each`]: each breaks a rule.
pub(crate) fn forbidden() -> Vec<UseCase> {
    vec![
        create(),
        UseCase::PreparePurse(purse(1)),
        UseCase::PreparePurse(OwnPurse {
            next_serial: units(1),
            ..purse(60)
        }),
        UseCase::UpdatePurse(purse(1)),
        UseCase::UpdatePurse(purse(61)),
        // Serials that were handed out, that are further on, and none at all.
        UseCase::RecordPayment(Box::new(made(62, 1, 0, 10))),
        UseCase::RecordPayment(Box::new(made(62, 1, 10, 1))),
        UseCase::RecordPayment(Box::new(made(62, 1, 12, 1))),
        UseCase::RecordPayment(Box::new(made(62, 1, 11, 0))),
        UseCase::RecordPayment(Box::new(made(62, 63, 0, 1))),
        UseCase::RecordReceipt(PaymentId::new(hash(64)), receipt(64)),
        UseCase::RecordAccepted(Box::new(received(21))),
        UseCase::GiveReceipt(PaymentId::new(hash(64)), receipt(64)),
        UseCase::AddChannel(channel(1)),
        UseCase::UpdateChannel(channel(1)),
        UseCase::UpdateChannel(channel(65)),
        // Vouchers that do not follow the newest one.
        UseCase::RecordVoucher(Box::new(voucher(66, 1, 5, 7))),
        UseCase::RecordVoucher(Box::new(voucher(66, 1, 6, 6))),
        UseCase::RecordVoucherAccepted(Box::new(voucher(66, 1, 9, 8))),
        UseCase::RecordVoucher(Box::new(voucher(66, 67, 0, 1))),
    ]
}

/// Writes the next entry.
pub(crate) fn write(storage: &mut impl Storage, use_case: UseCase) -> Result<(), StorageError> {
    let number = storage.load()?.number + 1;
    storage.record(&Entry {
        number,
        time: at(1_000 + number),
        use_case,
    })
}

fn clearance(root: u8) -> PaymentClearance {
    PaymentClearance {
        payment: PaymentId::new([9; 32].into()),
        purse: PurseKey::new([7; 20].into()),
        operator: OperatorId::new([8; 20].into()),
        clearance: Clearance {
            root: [root; 32].into(),
            cleared_at: Timestamp::new(1_700_000_000).unwrap(),
        },
        signature: Signature::from_compact([1; 64]).unwrap(),
        path: vec![[2; 32].into()],
    }
}
