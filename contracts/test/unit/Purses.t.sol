// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    InsufficientBalance,
    InsufficientCollateral,
    InvalidCoverCount,
    InvalidSignature,
    NotPurseOwner,
    NotRegistered,
    PledgeFixed,
    PurseKeyUsed,
    UnknownPurse,
    ZeroAmount
} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {PurseState} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Opening a purse and improving its terms.
contract PursesTest is Scene {
    address private key = person("key");

    function open(uint96 funds, uint96 pledge, uint16 coverCount, address circle_) private {
        openPurse(owner, key, funds, pledge, coverCount, circle_);
    }

    function expectOpenRefused(bytes memory refusal, bytes memory keySignature) private {
        vm.expectRevert(refusal);
        vm.prank(owner);
        offpay.openPurse(key, 1, 1, 1, circle, keySignature);
    }

    // --- openPurse

    function testFuzz_openingMovesBalanceAndPledges(
        uint96 funds,
        uint96 pledge,
        uint16 coverCount,
        address circle_
    ) public {
        funds = uint96(bound(funds, 0, BALANCE - FUNDS));
        pledge = uint96(bound(pledge, 1, COLLATERAL - PLEDGE));
        coverCount = uint16(bound(coverCount, 1, 65_534));
        vm.expectEmit(address(offpay));
        emit Events.PurseOpened(key, owner, circle_, funds, pledge, coverCount);
        open(funds, pledge, coverCount, circle_);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - funds);
        assertEq(offpay.securityOf(owner).pledged, PLEDGE + pledge);
        assertEq(offpay.securityOf(owner).collateral, COLLATERAL);
        PurseState memory purse = offpay.purseOf(key);
        assertEq(purse.owner, owner);
        assertEq(purse.circle, circle_);
        assertEq(purse.funds, funds);
        assertEq(purse.pledge, pledge);
        assertEq(purse.coverCount, coverCount);
        assertTrue(purse.open);
        checkBooks();
    }

    function test_coverCountIs1To65534() public {
        bytes memory signature = signPurseKey(key, owner);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(InvalidCoverCount.selector, 0));
        offpay.openPurse(key, 1, 1, 0, circle, signature);
        vm.expectRevert(abi.encodeWithSelector(InvalidCoverCount.selector, 65_535));
        offpay.openPurse(key, 1, 1, 65_535, circle, signature);
    }

    function test_purseWithoutPledgeIsRefused() public {
        vm.expectRevert(ZeroAmount.selector);
        open(1, 0, 1, circle);
    }

    function test_fundsComeOutOfTheBalance() public {
        uint96 left = BALANCE - FUNDS;
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, owner, left, left + 1));
        open(left + 1, 1, 1, circle);
    }

    function test_pledgeComesOutOfFreeCollateral() public {
        uint96 free = COLLATERAL - PLEDGE;
        vm.expectRevert(abi.encodeWithSelector(InsufficientCollateral.selector, owner, free, free + 1));
        open(1, free + 1, 1, circle);
    }

    function test_ownerMustBeRegistered() public {
        give(bob, 10);
        fund(bob, HEALTHY);
        vm.prank(bob);
        offpay.depositCollateral(HEALTHY - 1);
        vm.expectRevert(abi.encodeWithSelector(NotRegistered.selector, bob));
        openPurse(bob, key, 1, 1, 1, circle);
        vm.prank(bob);
        offpay.depositCollateral(1);
        openPurse(bob, key, 1, 1, 1, circle);
        assertEq(offpay.purseOf(key).owner, bob);
    }

    /// @dev Attack: reopening with a key that is in use, by its owner or by another.
    function test_keyOfAnOpenPurseIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(PurseKeyUsed.selector, device));
        openPurse(owner, device, 1, 1, 1, circle);
        register(bob, HEALTHY);
        vm.expectRevert(abi.encodeWithSelector(PurseKeyUsed.selector, device));
        openPurse(bob, device, 0, 1, 1, circle);
    }

    /// @dev Attack: reopening with an old key, so that its old payments count again.
    function test_keyOfAClosedPurseIsRefused() public {
        requestClose();
        close();
        vm.expectRevert(abi.encodeWithSelector(PurseKeyUsed.selector, device));
        openPurse(owner, device, 1, 1, 1, circle);
    }

    /// @dev Attack: opening a purse with the key of somebody who did not agree.
    function test_keyMustHaveSignedForItsOwner() public {
        bytes memory refusal = abi.encodeWithSelector(InvalidSignature.selector, key);
        expectOpenRefused(refusal, signPurseKey(key, mallory));
        expectOpenRefused(refusal, signPurseKey(device, owner));
        expectOpenRefused(refusal, sign(key, keccak256("something else")));
        expectOpenRefused(refusal, "");
    }

    function test_zeroIsNoKey() public {
        key = address(0);
        expectOpenRefused(abi.encodeWithSelector(InvalidSignature.selector, address(0)), "");
        expectOpenRefused(abi.encodeWithSelector(InvalidSignature.selector, address(0)), new bytes(65));
    }

    function test_keySignatureHasEitherForm() public {
        (bytes32 r, bytes32 vs) = signCompact(key, purseKeyDigest(owner));
        vm.prank(owner);
        offpay.openPurse(key, 1, 1, 1, circle, abi.encodePacked(r, vs));
        assertTrue(offpay.purseOf(key).open);
    }

    // --- topUpPurse

    function testFuzz_toppingUpMovesBalance(uint96 amount) public {
        amount = uint96(bound(amount, 1, BALANCE - FUNDS));
        vm.expectEmit(address(offpay));
        emit Events.PurseToppedUp(device, amount, FUNDS + amount);
        vm.prank(owner);
        offpay.topUpPurse(device, amount);
        assertEq(offpay.purseOf(device).funds, FUNDS + amount);
        assertEq(offpay.balanceOf(owner), BALANCE - FUNDS - amount);
        checkBooks();
    }

    function test_toppingUpKeepsAllElse() public {
        settle(device, first(alice, 7));
        requestClose();
        PurseState memory before = offpay.purseOf(device);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        before.funds += 5;
        assertEq(abi.encode(offpay.purseOf(device)), abi.encode(before));
    }

    function test_fundsAreAddedUntilThePurseCloses() public {
        requestClose();
        vm.warp(offpay.purseOf(device).closesAt + 1 days);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        drain();
        defaultOn(alice, 1e18);
        vm.prank(owner);
        offpay.topUpPurse(device, 5);
        assertEq(offpay.purseOf(device).funds, FUNDS + 10);
    }

    function test_toppingUpRefusals() public {
        vm.expectRevert(abi.encodeWithSelector(NotPurseOwner.selector, device, mallory));
        vm.prank(mallory);
        offpay.topUpPurse(device, 1);
        vm.startPrank(owner);
        vm.expectRevert(ZeroAmount.selector);
        offpay.topUpPurse(device, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, key));
        offpay.topUpPurse(key, 1);
        uint96 left = BALANCE - FUNDS;
        vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, owner, left, left + 1));
        offpay.topUpPurse(device, left + 1);
    }

    // --- addPledge

    function testFuzz_addingPledgeTakesFreeCollateral(uint96 amount) public {
        amount = uint96(bound(amount, 1, COLLATERAL - PLEDGE));
        vm.expectEmit(address(offpay));
        emit Events.PledgeAdded(device, amount, PLEDGE + amount);
        vm.prank(owner);
        offpay.addPledge(device, amount);
        assertEq(offpay.purseOf(device).pledge, PLEDGE + amount);
        assertEq(offpay.securityOf(owner).pledged, PLEDGE + amount);
        checkBooks();
    }

    function test_pledgeIsAddedWhileClosing() public {
        requestClose();
        vm.prank(owner);
        offpay.addPledge(device, 1);
        assertEq(offpay.purseOf(device).pledge, PLEDGE + 1);
    }

    function test_firstDefaultFixesThePledgeForGood() public {
        drain();
        defaultOn(alice, 1e18);
        vm.expectRevert(abi.encodeWithSelector(PledgeFixed.selector, device));
        vm.prank(owner);
        offpay.addPledge(device, 1);
        makeGood(alice);
        vm.expectRevert(abi.encodeWithSelector(PledgeFixed.selector, device));
        vm.prank(owner);
        offpay.addPledge(device, 1);
    }

    function test_addingPledgeRefusals() public {
        vm.expectRevert(abi.encodeWithSelector(NotPurseOwner.selector, device, mallory));
        vm.prank(mallory);
        offpay.addPledge(device, 1);
        vm.startPrank(owner);
        vm.expectRevert(ZeroAmount.selector);
        offpay.addPledge(device, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownPurse.selector, key));
        offpay.addPledge(key, 1);
        uint96 free = COLLATERAL - PLEDGE;
        vm.expectRevert(abi.encodeWithSelector(InsufficientCollateral.selector, owner, free, free + 1));
        offpay.addPledge(device, free + 1);
    }
}
