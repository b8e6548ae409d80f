// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PaymentRefused} from "../../src/types/Errors.sol";
import {Payment, Refusal} from "../../src/types/Types.sol";
import {Fixture} from "./Fixture.sol";

/// @title A purse of a circle, its owner, its payees
/// @notice Circle, payees and registrations are old enough to count when a test begins.
abstract contract Scene is Fixture {
    uint96 internal constant FUNDS = 300e18;
    uint96 internal constant PLEDGE = 100e18;
    uint16 internal constant COVER_COUNT = 4;
    /// @dev What all payees together can have of the pledge.
    uint96 internal constant PAYABLE = 90e18;
    uint96 internal constant COVER = 22.5e18;
    uint96 internal constant COLLATERAL = 250e18;
    uint96 internal constant BALANCE = 1_000e18;

    address internal owner = person("owner");
    address internal device = person("device");
    address internal circle = person("circle");
    // Members of the circle.
    address internal alice = person("alice");
    address internal bob = person("bob");
    address internal carol = person("carol");
    address internal dave = person("dave");
    address internal erin = person("erin");
    // A member of nothing, in league with the owner.
    address internal mallory = person("mallory");

    function setUp() public virtual override {
        super.setUp();
        register(owner, COLLATERAL);
        give(owner, BALANCE);
        openPurse(owner, device, FUNDS, PLEDGE, COVER_COUNT, circle);
        admit(circle, alice);
        admit(circle, bob);
        admit(circle, carol);
        admit(circle, dave);
        admit(circle, erin);
        skip(DELAY);
    }

    /// @dev A first payment to a payee.
    function first(address payee, uint96 amount) internal pure returns (Payment memory) {
        return payment(payee, 0, amount, amount);
    }

    function expectPaymentRefused(Refusal refusal, address key) internal {
        vm.expectRevert(abi.encodeWithSelector(PaymentRefused.selector, refusal, key));
    }

    /// @dev The purse's whole funds go to its owner's friend before the payees come.
    function drain() internal {
        settle(device, first(mallory, FUNDS));
    }

    /// @dev Presents a payment of `amount` to a drained purse.
    function defaultOn(address payee, uint96 amount) internal {
        settle(device, first(payee, amount));
    }

    /// @dev Resolves a default.
    function resolve(address payee) internal {
        track(payee);
        offpay.settlePaymentAfterSettlementPeriod(device, payee);
    }

    function makeGood(address payee) internal {
        address[] memory payees = new address[](1);
        payees[0] = payee;
        vm.prank(owner);
        offpay.makeGood(device, payees, type(uint96).max);
    }

    function requestClose() internal {
        vm.prank(owner);
        offpay.requestPurseClose(device);
    }

    /// @dev Closes the purse for good, a close having been requested.
    function close() internal {
        vm.warp(offpay.purseOf(device).closesAt);
        offpay.closePurse(device);
    }
}
