// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Reentered} from "../../src/types/Errors.sol";
import {ChannelTerms, Payment, SignedPayment} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";
import {HookedToken} from "../shared/OddTokens.sol";

/// @dev Attack: a hooked token that re-enters. One lock covers every entry, also from within a relay.
contract ReentrancyTest is Fixture {
    address private alice = person("alice");
    address private b = person("b");
    HookedToken private hooked;
    bytes[] private entries;

    function setUp() public override {
        super.setUp();
        hooked = new HookedToken();
        offpay = deploy(address(hooked));
        hooked.mint(alice, 1_000e18);
        vm.startPrank(alice);
        hooked.approve(address(offpay), type(uint256).max);
        offpay.deposit(100);
        offpay.depositCollateral(HEALTHY - 10);
        vm.stopPrank();
        addAccountEntries();
        addPurseEntries();
        addChannelEntries();
    }

    // --- Every entry that changes state

    function addAccountEntries() private {
        bytes32 z;
        entries.push(abi.encodeCall(offpay.register, (1)));
        entries.push(abi.encodeCall(offpay.depositCollateral, (1)));
        entries.push(abi.encodeCall(offpay.lockCollateral, (1)));
        entries.push(abi.encodeCall(offpay.withdrawCollateral, (b, 1)));
        entries.push(abi.encodeCall(offpay.deposit, (1)));
        entries.push(abi.encodeCall(offpay.depositFor, (b, 1)));
        entries.push(abi.encodeCall(offpay.depositWithPermit, (alice, 1, 0, 0, z, z)));
        entries.push(abi.encodeCall(offpay.depositWithAuthorization, (alice, b, 1, 0, 0, z, 0, z, z)));
        entries.push(abi.encodeCall(offpay.withdraw, (b, 1)));
        entries.push(abi.encodeCall(offpay.transfer, (b, 1)));
        entries.push(abi.encodeCall(offpay.sweep, (0)));
        entries.push(abi.encodeCall(offpay.admit, (b)));
        entries.push(abi.encodeCall(offpay.dismiss, (b)));
        entries.push(abi.encodeCall(offpay.prune, (b, b)));
        entries.push(abi.encodeCall(offpay.cancelNonce, (0)));
        entries.push(abi.encodeCall(offpay.relay, (b, new bytes[](0), 0, now40(), "")));
    }

    function addPurseEntries() private {
        Payment memory p = payment(b, 0, 1, 1);
        entries.push(abi.encodeCall(offpay.openPurse, (b, 1, 1, 1, b, "")));
        entries.push(abi.encodeCall(offpay.topUpPurse, (b, 1)));
        entries.push(abi.encodeCall(offpay.addPledge, (b, 1)));
        entries.push(abi.encodeCall(offpay.requestPurseClose, (b)));
        entries.push(abi.encodeCall(offpay.closePurse, (b)));
        entries.push(abi.encodeCall(offpay.makeGood, (b, new address[](0), 0)));
        entries.push(abi.encodeCall(offpay.settlePaymentAfterSettlementPeriod, (b, b)));
        entries.push(abi.encodeCall(offpay.settlePayment, (p, "")));
        entries.push(abi.encodeCall(offpay.settlePayments, (new SignedPayment[](0))));
        entries.push(abi.encodeCall(offpay.settlePaymentsPacked, (b, "")));
        entries.push(abi.encodeCall(offpay.reportDoubleSpend, (p, "", p, "")));
    }

    function addChannelEntries() private {
        ChannelTerms memory t = oneWay(alice, b, b);
        entries.push(abi.encodeCall(offpay.openChannel, (t, 1)));
        entries.push(abi.encodeCall(offpay.fundChannel, (t, 1)));
        entries.push(abi.encodeCall(offpay.claimVoucher, (t, 1, REFERENCE, "")));
        entries.push(abi.encodeCall(offpay.claimVouchers, (b, "")));
        entries.push(abi.encodeCall(offpay.requestChannelClose, (t)));
        entries.push(abi.encodeCall(offpay.presentVoucher, (t, 1, REFERENCE, "")));
        entries.push(abi.encodeCall(offpay.closeChannelTogether, (t, 1, 1, now40(), "", "")));
        entries.push(abi.encodeCall(offpay.finalizeChannel, (t)));
    }

    // --- Every call during which the token is called

    function checkLocked(bytes memory outer, uint256 hooks) private {
        for (uint256 i; i < entries.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            hooked.setHook(address(offpay), entries[i]);
            vm.prank(alice);
            (bool success,) = address(offpay).call(outer);
            assertTrue(success, "the outer call");
            assertEq(hooked.calls(), hooks);
            assertFalse(hooked.succeeded(), "the inner call");
            assertEq(hooked.result(), abi.encodeWithSelector(Reentered.selector));
            vm.revertToState(snapshot);
        }
    }

    function test_duringDeposit() public {
        checkLocked(abi.encodeCall(offpay.deposit, (1)), 1);
    }

    function test_duringDepositFor() public {
        checkLocked(abi.encodeCall(offpay.depositFor, (b, 1)), 1);
    }

    function test_duringRegister() public {
        checkLocked(abi.encodeCall(offpay.register, (10)), 1);
    }

    function test_duringDepositCollateral() public {
        checkLocked(abi.encodeCall(offpay.depositCollateral, (1)), 1);
    }

    function test_duringWithdraw() public {
        checkLocked(abi.encodeCall(offpay.withdraw, (b, 1)), 1);
    }

    function test_duringWithdrawCollateral() public {
        checkLocked(abi.encodeCall(offpay.withdrawCollateral, (b, 1)), 1);
    }

    function test_duringDepositWithPermit() public {
        bytes32 z;
        checkLocked(abi.encodeCall(offpay.depositWithPermit, (alice, 1, 0, 0, z, z)), 2);
    }

    function test_duringDepositWithAuthorization() public {
        bytes32 z;
        checkLocked(abi.encodeCall(offpay.depositWithAuthorization, (alice, b, 1, 0, 0, z, 0, z, z)), 1);
    }

    /// @dev The token must not act for the account whose relay runs.
    function test_duringARelay() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(offpay.deposit, (1));
        calls[1] = abi.encodeCall(offpay.withdraw, (b, 1));
        bytes memory signature = signRelay(alice, calls, 0, now40());
        checkLocked(abi.encodeCall(offpay.relay, (alice, calls, 0, now40(), signature)), 2);
    }

    // --- The lock opens again

    function test_entriesWorkAgainInTheSameTransaction() public {
        vm.startPrank(alice);
        offpay.deposit(1);
        offpay.deposit(1);
        vm.expectRevert();
        offpay.withdraw(address(0), 1);
        offpay.deposit(1);
        vm.stopPrank();
        assertEq(offpay.balanceOf(alice), 103);
    }

    function test_entriesWorkAgainAfterARelay() public {
        relayOne(alice, abi.encodeCall(offpay.deposit, (1)), 0);
        relayOne(alice, abi.encodeCall(offpay.deposit, (1)), 1);
        vm.prank(alice);
        offpay.deposit(1);
        assertEq(offpay.balanceOf(alice), 103);
    }

    function test_viewsAreNotLocked() public {
        hooked.setHook(address(offpay), abi.encodeCall(offpay.balanceOf, (alice)));
        vm.prank(alice);
        offpay.withdraw(b, 1);
        assertTrue(hooked.succeeded());
        assertEq(abi.decode(hooked.result(), (uint256)), 99, "what was withdrawn is gone before it moves");
    }

    /// @dev The lock is this contract's own: another may be entered meanwhile.
    function test_anotherContractIsNotLocked() public {
        address other = address(deploy(address(hooked)));
        hooked.setHook(other, abi.encodeCall(offpay.admit, (b)));
        vm.prank(alice);
        offpay.deposit(1);
        assertTrue(hooked.succeeded());
    }
}
