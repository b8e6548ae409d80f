//! What may be asked of the node: what wallets need, and no work for strangers.

use alloy_primitives::Address;
use serde_json::Value;

/// A question that may be asked.
#[derive(Debug, PartialEq)]
pub(super) struct Allowed {
    /// The method: one of ours, not the asker's text.
    pub(super) method: &'static str,
    /// Its parameters.
    pub(super) parameters: Value,
}

/// Why it may not.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// The method is none of those.
    Method,
    /// The method is, but not with these parameters.
    Parameters(&'static str),
}

/// Which parameters a method may have.
enum Takes {
    /// At most so many, whichever: they cannot make its answer large or slow.
    Any(usize),
    /// A block without its transactions.
    HeadOfBlock,
    /// A call to one of our contracts, and a block: no state that the asker makes up.
    Call,
    /// An account of one of our contracts, up to 16 slots, a block.
    Proof,
    /// A signed transaction.
    Signed,
}

const METHODS: [(&str, Takes); 13] = [
    ("eth_chainId", Takes::Any(0)),
    ("eth_blockNumber", Takes::Any(0)),
    ("eth_gasPrice", Takes::Any(0)),
    ("eth_maxPriorityFeePerGas", Takes::Any(0)),
    ("eth_getBalance", Takes::Any(2)),
    ("eth_getTransactionCount", Takes::Any(2)),
    ("eth_getTransactionReceipt", Takes::Any(1)),
    ("eth_getTransactionByHash", Takes::Any(1)),
    ("eth_getBlockByNumber", Takes::HeadOfBlock),
    ("eth_call", Takes::Call),
    ("eth_estimateGas", Takes::Call),
    ("eth_getProof", Takes::Proof),
    ("eth_sendRawTransaction", Takes::Signed),
];

/// The most slots of one proof.
const SLOTS: usize = 16;

/// The longest signed transaction, in characters.
const TRANSACTION: usize = 32 * 1024;

/// What may be asked, for people.
pub(super) fn names() -> String {
    METHODS.map(|(name, _)| name).join(", ")
}

impl Allowed {
    /// Whether a question may be asked. Calls and proofs only of `known` contracts.
    pub(super) fn check(
        method: &str,
        parameters: Vec<Value>,
        known: &[Address],
    ) -> Result<Self, Denied> {
        let (method, takes) = METHODS
            .iter()
            .find(|(name, _)| *name == method)
            .ok_or(Denied::Method)?;
        let is_known = |address: Option<&Value>| {
            address
                .and_then(Value::as_str)
                .and_then(|text| text.parse::<Address>().ok())
                .is_some_and(|address| known.contains(&address))
        };
        let is_fine = match takes {
            Takes::Any(most) => parameters.len() <= *most,
            Takes::HeadOfBlock => parameters.len() == 2 && parameters.get(1) == Some(&false.into()),
            Takes::Call => {
                let call = parameters.first();
                (1..=2).contains(&parameters.len())
                    && is_known(call.and_then(|call| call.get("to")))
            }
            Takes::Proof => {
                let slots = parameters.get(1).and_then(Value::as_array);
                parameters.len() == 3
                    && is_known(parameters.first())
                    && slots.is_some_and(|slots| slots.len() <= SLOTS)
            }
            Takes::Signed => {
                let raw = parameters.first().and_then(Value::as_str);
                parameters.len() == 1 && raw.is_some_and(|raw| raw.len() <= TRANSACTION)
            }
        };
        if !is_fine {
            return Err(Denied::Parameters(match takes {
                Takes::Any(_) => "too many parameters",
                Takes::HeadOfBlock => "takes a block and false: transactions are not listed",
                Takes::Call => "takes a call to the OffPay contract or its token, and a block",
                Takes::Proof => {
                    "takes the OffPay contract or its token, up to 16 slots, and a block"
                }
                Takes::Signed => "takes a signed transaction of at most 16 KiB",
            }));
        }
        Ok(Self {
            method,
            parameters: parameters.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OURS: Address = Address::repeat_byte(1);
    const OTHER: Address = Address::repeat_byte(2);

    fn check(method: &str, parameters: Value) -> Result<Allowed, Denied> {
        let Value::Array(parameters) = parameters else {
            panic!("parameters are a list");
        };
        Allowed::check(method, parameters, &[OURS])
    }

    #[test]
    fn what_wallets_ask_is_allowed() {
        for (method, parameters) in [
            ("eth_chainId", json!([])),
            ("eth_getBlockByNumber", json!(["finalized", false])),
            ("eth_call", json!([{ "to": OURS, "data": "0x00" }, "0x10"])),
            (
                "eth_estimateGas",
                json!([{ "from": OTHER, "to": OURS, "data": "0x00" }]),
            ),
            ("eth_getProof", json!([OURS, ["0x00"], "0x10"])),
            ("eth_sendRawTransaction", json!(["0x02"])),
            ("eth_getTransactionReceipt", json!(["0x00"])),
        ] {
            let allowed = check(method, parameters.clone()).unwrap();
            assert_eq!(allowed.method, method);
            assert_eq!(allowed.parameters, parameters);
        }
    }

    /// Invariant W21.
    #[test]
    fn powers_over_the_node_and_work_for_strangers_are_not() {
        for method in [
            "eth_accounts",
            "eth_sendTransaction",
            "eth_sign",
            "eth_getLogs",
            "eth_newFilter",
            "debug_traceTransaction",
            "txpool_content",
            "anvil_setBalance",
            "evm_increaseTime",
            "hardhat_setCode",
            "personal_unlockAccount",
            "ETH_CALL",
            "eth_call ",
            "",
        ] {
            assert_eq!(check(method, json!([])), Err(Denied::Method), "{method}");
        }
        let many: Vec<_> = (0..=SLOTS).map(|_| "0x00").collect();
        for (method, parameters) in [
            ("eth_getBlockByNumber", json!(["latest", true])),
            ("eth_getBlockByNumber", json!(["latest"])),
            (
                "eth_call",
                json!([{ "to": OTHER, "data": "0x00" }, "latest"]),
            ),
            ("eth_call", json!([{ "data": "0x00" }, "latest"])),
            (
                "eth_call",
                json!([{ "to": OURS }, "latest", { OTHER.to_string(): { "code": "0x00" } }]),
            ),
            ("eth_call", json!([])),
            ("eth_getProof", json!([OTHER, ["0x00"], "latest"])),
            ("eth_getProof", json!([OURS, many, "latest"])),
            (
                "eth_sendRawTransaction",
                json!(["0".repeat(TRANSACTION + 1)]),
            ),
            ("eth_sendRawTransaction", json!([{ "from": OURS }])),
            ("eth_chainId", json!([1])),
        ] {
            let denied = check(method, parameters.clone());
            assert!(
                matches!(denied, Err(Denied::Parameters(_))),
                "{method} {parameters}"
            );
        }
    }
}
