// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {ChannelTerms, Payment, SignedPayment} from "../../src/types/Types.sol";

/// @dev A cheatcode that this forge-std does not know yet.
interface ChainIdCheat {
    function getChainId() external view returns (uint256);
}

/// @title What people sign
/// @notice Every digest is computed here anew from the type strings of the protocol, never by the contract.
abstract contract Signing is Test {
    string internal constant DOMAIN_TYPE =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    string internal constant PAYMENT_TYPE =
        "Payment(address payee,uint96 start,uint96 amount,uint96 cumulative,bytes32 reference)";
    string internal constant PURSE_KEY_TYPE = "PurseKey(address owner)";
    string internal constant VOUCHER_TYPE = "Voucher(bytes32 channel,uint96 cumulative,bytes32 reference)";
    string internal constant CHANNEL_TERMS_TYPE =
        "ChannelTerms(address a,address b,address keyA,address keyB,uint40 closeDelay,bytes32 salt)";
    string internal constant CHANNEL_CLOSE_TYPE =
        "ChannelClose(bytes32 channel,uint96 fromA,uint96 fromB,uint40 deadline)";
    string internal constant RELAY_TYPE =
        "Relay(address account,bytes[] calls,uint256 nonce,uint40 deadline)";

    /// @dev Order of secp256k1.
    uint256 internal constant CURVE_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    /// @dev The private keys of those that `person` made.
    mapping(address signer => uint256) internal keyOf;

    /// @dev The contract that messages are for.
    function verifier() internal view virtual returns (address);

    /// @dev A new signer with a key of its own.
    function person(string memory name) internal returns (address who) {
        uint256 key;
        (who, key) = makeAddrAndKey(name);
        keyOf[who] = key;
    }

    // --- Digests

    function domainSeparator(address verifyingContract) internal view returns (bytes32) {
        // `block.chainid` may be moved across `vm.chainId` by the optimizer.
        return keccak256(
            abi.encode(
                keccak256(bytes(DOMAIN_TYPE)),
                keccak256("OffPay"),
                keccak256("1"),
                ChainIdCheat(address(vm)).getChainId(),
                verifyingContract
            )
        );
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(verifier()), structHash));
    }

    function paymentDigest(Payment memory p) internal view returns (bytes32) {
        return digestOf(
            keccak256(
                abi.encode(
                    keccak256(bytes(PAYMENT_TYPE)), p.payee, p.start, p.amount, p.cumulative, p.reference_
                )
            )
        );
    }

    function purseKeyDigest(address owner) internal view returns (bytes32) {
        return digestOf(keccak256(abi.encode(keccak256(bytes(PURSE_KEY_TYPE)), owner)));
    }

    function channelIdOf(ChannelTerms memory t) internal view returns (bytes32) {
        return digestOf(
            keccak256(
                abi.encode(
                    keccak256(bytes(CHANNEL_TERMS_TYPE)), t.a, t.b, t.keyA, t.keyB, t.closeDelay, t.salt
                )
            )
        );
    }

    function voucherDigest(bytes32 channel, uint96 cumulative, bytes32 reference_)
        internal
        view
        returns (bytes32)
    {
        return
            digestOf(keccak256(abi.encode(keccak256(bytes(VOUCHER_TYPE)), channel, cumulative, reference_)));
    }

    function channelCloseDigest(bytes32 channel, uint96 fromA, uint96 fromB, uint40 deadline)
        internal
        view
        returns (bytes32)
    {
        return digestOf(
            keccak256(abi.encode(keccak256(bytes(CHANNEL_CLOSE_TYPE)), channel, fromA, fromB, deadline))
        );
    }

    function relayDigest(address account, bytes[] memory calls, uint256 nonce, uint40 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes memory hashes;
        for (uint256 i; i < calls.length; ++i) {
            hashes = abi.encodePacked(hashes, keccak256(calls[i]));
        }
        return digestOf(
            keccak256(abi.encode(keccak256(bytes(RELAY_TYPE)), account, keccak256(hashes), nonce, deadline))
        );
    }

    // --- Signatures

    /// @dev 65 bytes: r, s, v.
    function sign(address signer, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The 64 bytes of EIP-2098.
    function signCompact(address signer, bytes32 digest) internal view returns (bytes32 r, bytes32 vs) {
        uint8 v;
        (v, r, vs) = vm.sign(keyOf[signer], digest);
        vs |= bytes32(uint256(v - 27) << 255);
    }

    function signPayment(address device, Payment memory p) internal view returns (bytes memory) {
        return sign(device, paymentDigest(p));
    }

    function signPurseKey(address device, address owner) internal view returns (bytes memory) {
        return sign(device, purseKeyDigest(owner));
    }

    function signVoucher(address key, ChannelTerms memory t, uint96 cumulative)
        internal
        view
        returns (bytes memory)
    {
        return sign(key, voucherDigest(channelIdOf(t), cumulative, REFERENCE));
    }

    function signClose(address key, ChannelTerms memory t, uint96 fromA, uint96 fromB, uint40 deadline)
        internal
        view
        returns (bytes memory)
    {
        return sign(key, channelCloseDigest(channelIdOf(t), fromA, fromB, deadline));
    }

    function signRelay(address account, bytes[] memory calls, uint256 nonce, uint40 deadline)
        internal
        view
        returns (bytes memory)
    {
        return sign(account, relayDigest(account, calls, nonce, deadline));
    }

    // --- Rows of batches

    /// @dev The reference of every payment and voucher whose reference does not matter.
    bytes32 internal constant REFERENCE = keccak256("a request");

    function payment(address payee, uint96 start, uint96 amount, uint96 cumulative)
        internal
        pure
        returns (Payment memory)
    {
        return Payment(payee, start, amount, cumulative, REFERENCE);
    }

    function signedRow(address device, Payment memory p) internal view returns (SignedPayment memory row) {
        row.payment = p;
        (row.r, row.vs) = signCompact(device, paymentDigest(p));
    }

    function packedRow(address device, Payment memory p) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = signCompact(device, paymentDigest(p));
        return abi.encodePacked(p.start, p.amount, p.cumulative, p.reference_, r, vs);
    }

    /// @dev A row of `claimVouchers`: a voucher of a one-way channel.
    function packedClaim(ChannelTerms memory t, uint96 cumulative) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = signCompact(t.keyA, voucherDigest(channelIdOf(t), cumulative, REFERENCE));
        return abi.encodePacked(t.a, t.keyA, t.closeDelay, t.salt, cumulative, REFERENCE, r, vs);
    }
}
