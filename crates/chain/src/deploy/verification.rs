//! What a block explorer verifies the sources from.

use alloy::primitives::{Address, Bytes};

use super::artifacts;
use crate::Configuration;

/// What a block explorer's "standard JSON input" form asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplorerInput {
    /// The contract, as the form names it.
    pub contract: &'static str,
    /// The compiler.
    pub compiler: &'static str,
    /// The compiler's input: sources and settings.
    pub compiler_input: &'static str,
    /// The constructor's arguments, ABI-encoded.
    pub constructor_arguments: Bytes,
}

const COMPILER: &str = "v0.8.37+commit.f401782d";

/// The explorer's input for a contract with this configuration, and for the token of `token_owner` if there is one.
pub fn explorer_inputs(
    configuration: &Configuration,
    token_owner: Option<Address>,
) -> Vec<ExplorerInput> {
    let contract = ExplorerInput {
        contract: "src/OffPay.sol:OffPay",
        compiler: COMPILER,
        compiler_input: include_str!("../../abi/OffPay.compiler-input.json"),
        constructor_arguments: artifacts::contract_arguments(configuration),
    };
    let token = token_owner.map(|owner| ExplorerInput {
        contract: "src/OffPayToken.sol:OffPayToken",
        compiler: COMPILER,
        compiler_input: include_str!("../../abi/OffPayToken.compiler-input.json"),
        constructor_arguments: artifacts::token_arguments(owner),
    });
    [Some(contract), token].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_that_of_the_artifacts() {
        for artifact in [
            include_str!("../../abi/OffPay.json"),
            include_str!("../../abi/OffPayToken.json"),
        ] {
            let artifact: serde_json::Value = serde_json::from_str(artifact).unwrap();
            assert_eq!(artifact["compiler"].as_str(), COMPILER.strip_prefix('v'));
        }
    }
}
