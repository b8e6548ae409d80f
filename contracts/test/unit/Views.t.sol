// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelState, PairState, PurseState, Security} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev What anyone can read: purses, pairs, and the one slot that proves a payment.
contract ViewsTest is Scene {
    // --- Promise 5: `paidTo` in one storage slot

    function slotOf(address purse, address payee) private pure returns (bytes32) {
        return keccak256(abi.encode(payee, keccak256(abi.encode(purse, uint256(0)))));
    }

    function assertProof(address payee, uint96 cumulative) private view {
        assertEq(uint256(vm.load(address(offpay), slotOf(device, payee))), cumulative);
        assertEq(offpay.paidTo(device, payee), cumulative);
    }

    function testFuzz_slotHoldsWhatFundsPaid(uint96 amount) public {
        amount = uint96(bound(amount, 1, FUNDS));
        assertProof(alice, 0);
        settle(device, first(alice, amount));
        assertProof(alice, amount);
    }

    function test_slotHoldsWhatEveryWayOfPayingPaidAlsoAfterClosing() public {
        settle(device, first(bob, 7));
        settle(device, first(mallory, FUNDS - 7));
        offpay.settlePaymentsPacked(carol, packedRow(device, first(carol, 3)));
        defaultOn(alice, 30e18);
        defaultOn(dave, 5);
        makeGood(dave);
        skip(PERIOD);
        resolve(alice);
        resolve(carol);
        close();
        assertProof(bob, 7);
        assertProof(mallory, FUNDS - 7);
        assertProof(carol, 3);
        assertProof(alice, COVER);
        assertProof(dave, 5);
        checkBooks();
    }

    // --- purseOf, pairOf, channelOf

    function test_whatNeverWasIsEmpty() public view {
        PurseState memory purse;
        PairState memory pair;
        ChannelState memory channel;
        Security memory security;
        assertEq(abi.encode(offpay.purseOf(alice)), abi.encode(purse));
        assertEq(abi.encode(offpay.pairOf(alice, alice)), abi.encode(pair));
        assertEq(abi.encode(offpay.channelOf(bytes32(0))), abi.encode(channel));
        assertEq(abi.encode(offpay.securityOf(alice)), abi.encode(security));
    }

    function test_purseFromOpeningToItsTombstone() public {
        PurseState memory purse = PurseState({
            owner: owner,
            circle: circle,
            funds: FUNDS,
            paid: 0,
            pledge: PLEDGE,
            coverCount: COVER_COUNT,
            closesAt: 0,
            open: true,
            reported: false,
            defaulted: false,
            condemned: false,
            closed: false,
            reserved: 0,
            paidFromCollateral: 0,
            pairsInDefault: 0
        });
        assertPurse(purse);
        settle(device, first(mallory, FUNDS - 3));
        purse.paid = FUNDS - 3;
        assertPurse(purse);
        defaultOn(alice, 10);
        (purse.paid, purse.defaulted, purse.closesAt) = (FUNDS, true, now40() + DELAY);
        (purse.reserved, purse.pairsInDefault) = (7, 1);
        assertPurse(purse);
        offpay.reportDoubleSpend(
            first(alice, 10),
            signPayment(device, first(alice, 10)),
            first(bob, 1),
            signPayment(device, first(bob, 1))
        );
        purse.reported = true;
        assertPurse(purse);
        skip(PERIOD);
        resolve(alice);
        (purse.reserved, purse.pairsInDefault) = (0, 0);
        (purse.paidFromCollateral, purse.condemned) = (7, true);
        assertPurse(purse);
        close();
        (purse.owner, purse.circle, purse.pledge, purse.paidFromCollateral) = (address(0), address(0), 0, 0);
        (purse.open, purse.closed) = (false, true);
        assertPurse(purse);
    }

    function assertPurse(PurseState memory expected) private view {
        assertEq(abi.encode(offpay.purseOf(device)), abi.encode(expected));
    }

    function test_pairFromItsFirstPaymentToItsResolution() public {
        settle(device, first(mallory, FUNDS - 5));
        settle(device, first(alice, 2));
        assertPair(PairState(2, 0, 0, 0, 0, false));
        uint40 since = now40();
        settle(device, payment(alice, 2, 8, 10));
        assertPair(PairState(5, 10, since, 5, 0, true));
        skip(PERIOD);
        resolve(alice);
        assertPair(PairState(10, 10, 0, 0, 5, true));
        close();
        assertPair(PairState(10, 10, 0, 0, 5, true));
    }

    function assertPair(PairState memory expected) private view {
        assertEq(abi.encode(offpay.pairOf(device, alice)), abi.encode(expected));
    }
}
