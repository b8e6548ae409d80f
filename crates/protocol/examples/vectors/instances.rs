//! At least three of each message: an ordinary one, the smallest and the largest.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use offpay_protocol::{
    Amount, Seconds, Timestamp,
    messages::{
        Attestation, Certificate, ChannelClose, ChannelTerms, Clearance, OperatorKey, Payment,
        PurseOpening, Receipt, Relay, Request, Revocations, Voucher,
    },
};
use serde_json::Value;

use super::generate::{key, message};

const TOP: Address = Address::repeat_byte(0xff);

fn units(units: u64) -> Amount {
    Amount::from(units)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).expect("a uint40")
}

fn address<T: From<Address>>(byte: u8) -> T {
    key(byte).address().into()
}

fn hash<T: From<B256>>(text: &str) -> T {
    keccak256(text).into()
}

fn zero<T: From<Address>>() -> T {
    Address::ZERO.into()
}

fn top<T: From<Address>>() -> T {
    TOP.into()
}

pub(crate) fn messages() -> Value {
    [
        payments(),
        purse_openings(),
        channels(),
        relays(),
        certificates(),
        requests(),
        operators(),
    ]
    .concat()
    .into()
}

fn payments() -> Vec<Value> {
    vec![
        message(
            &Payment {
                payee: address(2),
                start: units(1_000_000),
                amount: units(12_500_000),
                cumulative: units(13_000_000),
                reference: hash("order 17"),
            },
            1,
        ),
        message(
            &Payment {
                payee: zero(),
                start: Amount::ZERO,
                amount: Amount::ZERO,
                cumulative: Amount::ZERO,
                reference: B256::ZERO.into(),
            },
            1,
        ),
        message(
            &Payment {
                payee: top(),
                start: Amount::MAX,
                amount: Amount::MAX,
                cumulative: Amount::MAX,
                reference: B256::repeat_byte(0xff).into(),
            },
            0xfe,
        ),
        message(
            &Payment {
                payee: address(3),
                start: Amount::ZERO,
                amount: Amount::MAX,
                cumulative: Amount::MAX,
                reference: hash(""),
            },
            1,
        ),
    ]
}

fn purse_openings() -> Vec<Value> {
    vec![
        message(&PurseOpening { owner: address(4) }, 1),
        message(&PurseOpening { owner: zero() }, 2),
        message(&PurseOpening { owner: top() }, 3),
    ]
}

fn channels() -> Vec<Value> {
    let voucher = |channel, cumulative, reference| Voucher {
        channel,
        cumulative,
        reference,
    };
    let close = |channel, from_a, from_b, deadline| ChannelClose {
        channel,
        from_a,
        from_b,
        deadline,
    };
    vec![
        message(&voucher(hash("channel"), units(5_000_000), hash("ride")), 5),
        message(
            &voucher(B256::ZERO.into(), Amount::ZERO, B256::ZERO.into()),
            5,
        ),
        message(
            &voucher(
                B256::repeat_byte(0xff).into(),
                Amount::MAX,
                B256::repeat_byte(0xff).into(),
            ),
            6,
        ),
        message(
            &ChannelTerms {
                a: address(1),
                b: address(2),
                key_a: address(5),
                key_b: address(6),
                close_delay: Seconds::days(7),
                salt: hash("salt"),
            },
            5,
        ),
        message(
            &ChannelTerms {
                a: address(1),
                b: address(2),
                key_a: address(5),
                key_b: zero(),
                close_delay: Seconds::ZERO,
                salt: B256::ZERO.into(),
            },
            5,
        ),
        message(
            &ChannelTerms {
                a: top(),
                b: top(),
                key_a: top(),
                key_b: top(),
                close_delay: Seconds::new(Timestamp::MAX.get()).expect("a uint40"),
                salt: B256::repeat_byte(0xff).into(),
            },
            5,
        ),
        message(
            &close(hash("channel"), units(7), units(3), at(1_800_000_000)),
            5,
        ),
        message(
            &close(
                B256::ZERO.into(),
                Amount::ZERO,
                Amount::ZERO,
                Timestamp::ZERO,
            ),
            5,
        ),
        message(
            &close(
                B256::repeat_byte(0xff).into(),
                Amount::MAX,
                Amount::MAX,
                Timestamp::MAX,
            ),
            6,
        ),
    ]
}

fn relays() -> Vec<Value> {
    let long: Vec<u8> = (0..=255).cycle().take(1_000).collect();
    let relay = |account, calls: Vec<Bytes>, nonce, deadline| Relay {
        account,
        calls,
        nonce,
        deadline,
    };
    vec![
        message(
            &relay(
                address(7),
                vec![
                    Bytes::from_static(&[0xa9, 0x05, 0x9c, 0xbb]),
                    Bytes::from(long),
                ],
                U256::from(42),
                at(1_800_000_000),
            ),
            7,
        ),
        message(&relay(zero(), Vec::new(), U256::ZERO, Timestamp::ZERO), 7),
        message(
            &relay(
                top(),
                vec![Bytes::new(), Bytes::new()],
                U256::MAX,
                Timestamp::MAX,
            ),
            8,
        ),
    ]
}

fn certificates() -> Vec<Value> {
    vec![
        message(
            &Certificate {
                purse: address(1),
                owner: address(4),
                circle: address(9),
                funds: units(200_000_000),
                pledge: units(500_000_000),
                cover_count: 10,
                circle_size: 8,
                as_of: at(1_790_000_000),
            },
            10,
        ),
        message(
            &Certificate {
                purse: zero(),
                owner: zero(),
                circle: zero(),
                funds: Amount::ZERO,
                pledge: Amount::ZERO,
                cover_count: 0,
                circle_size: 0,
                as_of: Timestamp::ZERO,
            },
            10,
        ),
        message(
            &Certificate {
                purse: top(),
                owner: top(),
                circle: top(),
                funds: Amount::MAX,
                pledge: Amount::MAX,
                cover_count: u16::MAX,
                circle_size: u16::MAX,
                as_of: Timestamp::MAX,
            },
            11,
        ),
    ]
}

fn requests() -> Vec<Value> {
    let request = |payee, amount, nonce, expires_at, name: &str, memo: &str| Request {
        payee,
        amount,
        nonce,
        expires_at,
        name: name.to_owned(),
        memo: memo.to_owned(),
    };
    let receipt = |payment, accepted_at| Receipt {
        payment,
        accepted_at,
    };
    let soon = at(1_790_000_900);
    vec![
        message(
            &request(
                address(2),
                units(12_500_000),
                hash("n"),
                soon,
                "Blue Door Café",
                "2 × tea",
            ),
            2,
        ),
        message(
            &request(
                zero(),
                Amount::ZERO,
                B256::ZERO.into(),
                Timestamp::ZERO,
                "",
                "",
            ),
            2,
        ),
        message(
            &request(
                top(),
                Amount::MAX,
                B256::repeat_byte(0xff).into(),
                Timestamp::MAX,
                &"long name ".repeat(40),
                "日本語 العربية 🍵 \u{0}\"\\\n",
            ),
            3,
        ),
        message(&receipt(hash("payment"), at(1_790_000_001)), 2),
        message(&receipt(B256::ZERO.into(), Timestamp::ZERO), 2),
        message(&receipt(B256::repeat_byte(0xff).into(), Timestamp::MAX), 3),
    ]
}

fn operators() -> Vec<Value> {
    let clearance = |root, cleared_at| Clearance { root, cleared_at };
    let attestation = |payee, signer, name: &str, expires_at| Attestation {
        payee,
        signer,
        name: name.to_owned(),
        expires_at,
    };
    let operator_key = |next, valid_from| OperatorKey { next, valid_from };
    let revocations = |version, digest, as_of| Revocations {
        version,
        digest,
        as_of,
    };
    vec![
        message(&clearance(hash("root"), at(1_790_000_002)), 10),
        message(&clearance(B256::ZERO, Timestamp::ZERO), 10),
        message(&clearance(B256::repeat_byte(0xff), Timestamp::MAX), 11),
        message(
            &attestation(address(2), address(12), "Blue Door Café", at(1_800_000_000)),
            10,
        ),
        message(&attestation(zero(), zero(), "", Timestamp::ZERO), 10),
        message(
            &attestation(top(), top(), &"長い名前".repeat(50), Timestamp::MAX),
            11,
        ),
        message(&operator_key(address(11), at(1_795_000_000)), 10),
        message(&operator_key(zero(), Timestamp::ZERO), 10),
        message(&operator_key(top(), Timestamp::MAX), 11),
        message(&revocations(7, hash("list"), at(1_790_000_000)), 10),
        message(&revocations(0, B256::ZERO, Timestamp::ZERO), 10),
        message(
            &revocations(u64::MAX, B256::repeat_byte(0xff), Timestamp::MAX),
            11,
        ),
    ]
}
