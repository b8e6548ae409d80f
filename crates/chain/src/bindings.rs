//! What the contracts understand, generated from the ABIs in `abi/`, which `scripts/bindings` writes.
//!
//! The rest of the crate speaks the protocol's types; these are for who follows the events.

#![allow(missing_docs, clippy::all)]

use alloy::sol;

sol!(
    #[derive(Debug, PartialEq, Eq)]
    OffPay,
    "abi/OffPay.json"
);

sol!(
    #[derive(Debug, PartialEq, Eq)]
    OffPayToken,
    "abi/OffPayToken.json"
);

sol! {
    /// What any ERC-20 answers, and Solady's errors of a transfer that a token refused.
    #[derive(Debug, PartialEq, Eq)]
    interface Token {
        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function nonces(address owner) external view returns (uint256);
        function DOMAIN_SEPARATOR() external view returns (bytes32);

        error TransferFromFailed();
        error TransferFailed();
    }
}
