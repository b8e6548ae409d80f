// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidSignature, PaymentRefused} from "../../src/types/Errors.sol";
import {ChannelTerms, Payment, Refusal} from "../../src/types/Types.sol";
import {OffPay} from "../../src/OffPay.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Attacks: what was signed for one chain, contract, purse or channel is brought to another.
contract ReplayTest is Scene {
    address private keyA = person("key of a");
    address private keyB = person("key of b");
    Payment private p;

    function setUp() public override {
        super.setUp();
        p = first(alice, 5);
    }

    /// @dev Refused as somebody else's: what is recovered is a key that nobody has.
    function expectSomebodyElses(bytes memory signature) private {
        (bool success, bytes memory result) =
            address(offpay).call(abi.encodeCall(offpay.settlePayment, (p, signature)));
        assertFalse(success);
        assertEq(bytes4(result), PaymentRefused.selector);
        uint256 refusal;
        address key;
        assembly ("memory-safe") {
            refusal := mload(add(result, 0x24))
            key := mload(add(result, 0x44))
        }
        assertEq(refusal, uint256(Refusal.UnknownPurse));
        assertNotEq(key, device);
        assertEq(offpay.paidTo(device, alice), 0);
    }

    // --- Across chains

    function testFuzz_domainSeparatorFollowsTheChain(uint64 chainId) public {
        chainId = uint64(bound(chainId, 1, type(uint64).max - 1));
        bytes32 before = offpay.paymentId(p);
        vm.chainId(chainId);
        assertEq(offpay.paymentId(p), paymentDigest(p));
        if (chainId != 31_337) assertNotEq(offpay.paymentId(p), before);
    }

    function test_paymentOfAnotherChainIsSomebodyElses() public {
        bytes memory signature = signPayment(device, p);
        vm.chainId(10);
        expectSomebodyElses(signature);
        bytes memory here = signPayment(device, p);
        offpay.settlePayment(p, here);
        assertEq(offpay.balanceOf(alice), 5);
    }

    /// @dev Also when this chain splits after the deployment.
    function test_batchesFollowTheChainToo() public {
        bytes memory rows = packedRow(device, p);
        vm.chainId(10);
        offpay.settlePaymentsPacked(alice, rows);
        assertEq(offpay.balanceOf(alice), 0);
        offpay.settlePaymentsPacked(alice, packedRow(device, p));
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_relayOfAnotherChainIsRefused() public {
        bytes[] memory calls = new bytes[](0);
        bytes memory signature = signRelay(owner, calls, 0, now40());
        vm.chainId(10);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, owner));
        offpay.relay(owner, calls, 0, now40(), signature);
    }

    function test_purseKeyOfAnotherChainIsRefused() public {
        bytes memory signature = signPurseKey(keyA, owner);
        vm.chainId(10);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        vm.prank(owner);
        offpay.openPurse(keyA, 1, 1, 1, circle, signature);
    }

    // --- Across contracts

    /// @dev The same people, keys, purses and terms at a second contract of the same token.
    function secondContract() private {
        OffPay other = deploy(address(token));
        offpay = other;
        register(owner, COLLATERAL);
        give(owner, BALANCE);
        openPurse(owner, device, FUNDS, PLEDGE, COVER_COUNT, circle);
    }

    function test_paymentOfAnotherContractIsSomebodyElses() public {
        bytes memory signature = signPayment(device, p);
        secondContract();
        expectSomebodyElses(signature);
        settle(device, p);
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_purseKeyOfAnotherContractIsRefused() public {
        bytes memory signature = signPurseKey(keyA, owner);
        secondContract();
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        vm.prank(owner);
        offpay.openPurse(keyA, 1, 1, 1, circle, signature);
    }

    function test_voucherOfAnotherContractIsRefused() public {
        ChannelTerms memory t = oneWay(owner, bob, keyA);
        openChannel(t, 100);
        bytes memory signature = signVoucher(keyA, t, 5);
        secondContract();
        openChannel(t, 100);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.claimVoucher(t, 5, REFERENCE, signature);
    }

    function test_relayOfAnotherContractIsRefused() public {
        bytes[] memory calls = new bytes[](0);
        bytes memory signature = signRelay(owner, calls, 0, now40());
        secondContract();
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, owner));
        offpay.relay(owner, calls, 0, now40(), signature);
    }

    // --- Across purses

    /// @dev The purse is no field of a payment: it is whoever signed, so a payment has one purse only.
    function test_paymentCountsForItsSignersPurseAlone() public {
        openPurse(owner, keyA, 50, 1e18, 1, circle);
        settle(keyA, p);
        assertEq(offpay.purseOf(keyA).paid, 5);
        assertEq(offpay.purseOf(device).paid, 0);
        assertEq(offpay.paidTo(device, alice), 0);
    }

    /// @dev The key's consent names its owner: nobody else can take the key first.
    function test_purseKeySignatureIsForOneOwner() public {
        register(mallory, HEALTHY);
        bytes memory signature = signPurseKey(keyA, owner);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        vm.prank(mallory);
        offpay.openPurse(keyA, 0, 1, 1, circle, signature);
        vm.prank(owner);
        offpay.openPurse(keyA, 0, 1, 1, circle, signature);
    }

    // --- Across channels, with the same keys

    function test_voucherOfAnotherChannelIsRefused() public {
        ChannelTerms memory x = oneWay(owner, bob, keyA);
        ChannelTerms memory y = oneWay(owner, bob, keyA);
        y.salt = keccak256("y");
        openChannel(x, 100);
        openChannel(y, 100);
        bytes memory signature = signVoucher(keyA, x, 5);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.claimVoucher(y, 5, REFERENCE, signature);
    }

    function test_closeOfAnotherChannelIsRefused() public {
        ChannelTerms memory x = twoWay(owner, bob, keyA, keyB);
        ChannelTerms memory y = twoWay(owner, bob, keyA, keyB);
        y.salt = keccak256("y");
        openChannel(x, 100);
        openChannel(y, 100);
        bytes memory sigA = signClose(keyA, x, 5, 0, now40());
        bytes memory sigB = signClose(keyB, x, 5, 0, now40());
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, keyA));
        offpay.closeChannelTogether(y, 5, 0, now40(), sigA, sigB);
    }

    // --- Across kinds of messages

    /// @dev One key that is a purse's and a channel's: what it signed for one is nothing to the other.
    function test_voucherIsNoPayment() public {
        ChannelTerms memory t = oneWay(owner, bob, device);
        openChannel(t, 100);
        expectSomebodyElses(signVoucher(device, t, 5));
        bytes memory signature = signPayment(device, p);
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, device));
        offpay.claimVoucher(t, 5, REFERENCE, signature);
    }
}
