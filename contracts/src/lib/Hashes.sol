// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";

import {ChannelTerms, Payment} from "../types/Types.sol";

/// @title EIP-712 struct hashes of all that the contract checks
/// @notice Fixed-size messages are hashed above the free memory pointer without taking memory, so that a batch
/// does not pay for memory that grows with every row.
library Hashes {
    bytes32 internal constant PAYMENT_TYPEHASH =
        keccak256("Payment(address payee,uint96 start,uint96 amount,uint96 cumulative,bytes32 reference)");
    bytes32 internal constant PURSE_KEY_TYPEHASH = keccak256("PurseKey(address owner)");
    bytes32 internal constant VOUCHER_TYPEHASH =
        keccak256("Voucher(bytes32 channel,uint96 cumulative,bytes32 reference)");
    bytes32 internal constant CHANNEL_TERMS_TYPEHASH = keccak256(
        "ChannelTerms(address a,address b,address keyA,address keyB,uint40 closeDelay,bytes32 salt)"
    );
    bytes32 internal constant CHANNEL_CLOSE_TYPEHASH =
        keccak256("ChannelClose(bytes32 channel,uint96 fromA,uint96 fromB,uint40 deadline)");
    bytes32 internal constant RELAY_TYPEHASH =
        keccak256("Relay(address account,bytes[] calls,uint256 nonce,uint40 deadline)");
    bytes32 internal constant TILL_TYPEHASH = keccak256("Till(address owner,uint256 index)");

    /// @dev A payment to be filled in, with the type hash in the word before it: so the hash of any number of
    /// payments that are read into it, one after the other, needs no copy.
    function blankPayment() internal pure returns (Payment memory p) {
        bytes32 typeHash = PAYMENT_TYPEHASH;
        assembly ("memory-safe") {
            // Solidity has taken memory for `p` already; this takes the place with the word before it.
            let m := mload(0x40)
            mstore(m, typeHash)
            p := add(m, 0x20)
            mstore(0x40, add(m, 0xc0))
        }
    }

    /// @dev The struct hash of a payment that `blankPayment` made.
    function payment(Payment memory p) internal pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            structHash := keccak256(sub(p, 0x20), 0xc0)
        }
    }

    /// @dev Terms to be filled in, likewise.
    function blankTerms() internal pure returns (ChannelTerms memory terms) {
        bytes32 typeHash = CHANNEL_TERMS_TYPEHASH;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, typeHash)
            terms := add(m, 0x20)
            // The terms of a batch of claims leave out keyB.
            mstore(add(terms, 0x60), 0)
            mstore(0x40, add(m, 0xe0))
        }
    }

    /// @dev The struct hash of terms that `blankTerms` made.
    function channelTerms(ChannelTerms memory terms) internal pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            structHash := keccak256(sub(terms, 0x20), 0xe0)
        }
    }

    /// @dev The EIP-712 digest.
    function typed(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, shl(240, 0x1901))
            mstore(add(m, 0x02), domain)
            mstore(add(m, 0x22), structHash)
            digest := keccak256(m, 0x42)
        }
    }

    function voucher(bytes32 channel, uint256 cumulative, bytes32 reference_)
        internal
        pure
        returns (bytes32 structHash)
    {
        bytes32 typeHash = VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, typeHash)
            mstore(add(m, 0x20), channel)
            mstore(add(m, 0x40), cumulative)
            mstore(add(m, 0x60), reference_)
            structHash := keccak256(m, 0x80)
        }
    }

    function purseKey(address owner) internal pure returns (bytes32) {
        return keccak256(abi.encode(PURSE_KEY_TYPEHASH, owner));
    }

    function channelClose(bytes32 channel, uint96 fromA, uint96 fromB, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(CHANNEL_CLOSE_TYPEHASH, channel, fromA, fromB, deadline));
    }

    /// @dev `bytes[]` is hashed as EIP-712 has it: the hash of the joined hashes of its members.
    function relay(address account, bytes[] calldata calls, uint256 nonce, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            hashes[i] = EfficientHashLib.hashCalldata(calls[i]);
        }
        bytes32 joined;
        assembly ("memory-safe") {
            joined := keccak256(add(hashes, 0x20), shl(5, mload(hashes)))
        }
        return keccak256(abi.encode(RELAY_TYPEHASH, account, joined, nonce, deadline));
    }

    /// @dev The address of the till `index` of `owner`. Nobody has a key for it.
    function till(address owner, uint256 index) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(TILL_TYPEHASH, owner, index)))));
    }
}
