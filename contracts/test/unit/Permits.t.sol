// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PermitRefused, ZeroAmount} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {Fixture} from "../shared/Fixture.sol";
import {ConstantToken, FallbackToken} from "../shared/OddTokens.sol";

/// @dev EIP-2612: a permit credits its own signer and nobody else.
contract PermitsTest is Fixture {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    struct Permit {
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    address private alice = person("alice");
    address private mallory = person("mallory");

    function setUp() public override {
        super.setUp();
        track(alice);
        track(mallory);
        token.mint(alice, 100e18);
    }

    function permitOf(address signer, uint96 amount) private view returns (Permit memory p) {
        p.deadline = now40() + 1 hours;
        bytes32 structHash = keccak256(
            abi.encode(
                PERMIT_TYPEHASH, alice, address(offpay), uint256(amount), token.nonces(alice), p.deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (p.v, p.r, p.s) = vm.sign(keyOf[signer], digest);
    }

    function depositAs(address actor, uint96 amount, Permit memory p) private {
        vm.prank(actor);
        offpay.depositWithPermit(alice, amount, p.deadline, p.v, p.r, p.s);
    }

    /// @dev What whoever saw the permit on its way can do with it.
    function useElsewhere(uint96 amount, Permit memory p) private {
        vm.prank(mallory);
        token.permit(alice, address(offpay), amount, p.deadline, p.v, p.r, p.s);
    }

    function testFuzz_anyoneBringsAPermitForItsSigner(address bringer, uint96 amount) public {
        vm.assume(bringer != address(offpay));
        amount = uint96(bound(amount, 1, 100e18));
        Permit memory p = permitOf(alice, amount);
        vm.expectEmit(address(offpay));
        emit Events.Deposited(alice, alice, amount);
        depositAs(bringer, amount, p);
        assertEq(offpay.balanceOf(alice), amount);
        assertEq(token.allowance(alice, address(offpay)), 0);
        checkBooks();
    }

    function test_signerBringsItsOwnPermit() public {
        depositAs(alice, 5, permitOf(alice, 5));
        assertEq(offpay.balanceOf(alice), 5);
    }

    /// @dev Attack: front-running the permit to make the deposit fail.
    function test_frontRunPermitIsTolerableForItsSigner() public {
        Permit memory p = permitOf(alice, 5);
        useElsewhere(5, p);
        depositAs(alice, 5, p);
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_frontRunPermitIsTolerableForItsSignerWithinARelay() public {
        Permit memory p = permitOf(alice, 5);
        useElsewhere(5, p);
        bytes memory call = abi.encodeCall(offpay.depositWithPermit, (alice, 5, p.deadline, p.v, p.r, p.s));
        relayOne(alice, call, 0);
        assertEq(offpay.balanceOf(alice), 5);
        checkBooks();
    }

    function test_usedPermitIsRefusedToStrangers() public {
        Permit memory p = permitOf(alice, 5);
        useElsewhere(5, p);
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 5, p);
    }

    /// @dev Attack: pulling a standing allowance with a permit that the token refuses.
    function test_standingAllowanceIsOutOfReachOfStrangers() public {
        vm.prank(alice);
        token.approve(address(offpay), type(uint256).max);
        Permit memory nonsense;
        nonsense.deadline = now40();
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 5, nonsense);
        Permit memory p = permitOf(mallory, 5);
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 5, p);
    }

    function test_amountIsThePermitsOwn() public {
        Permit memory p = permitOf(alice, 5);
        vm.prank(alice);
        token.approve(address(offpay), 100);
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 6, p);
    }

    function test_expiredPermitIsRefused() public {
        Permit memory p = permitOf(alice, 5);
        vm.warp(p.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 5, p);
    }

    /// @dev Without the permit, the signer has the allowance that it gave, or none.
    function test_refusedPermitLeavesItsSignerWhatItApproved() public {
        Permit memory p = permitOf(mallory, 5);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        depositAs(alice, 5, p);
        vm.prank(alice);
        token.approve(address(offpay), 5);
        depositAs(alice, 5, p);
        assertEq(offpay.balanceOf(alice), 5);
    }

    function test_permitForNothingIsRefused() public {
        Permit memory p = permitOf(alice, 0);
        vm.expectRevert(ZeroAmount.selector);
        depositAs(mallory, 0, p);
    }

    // --- Attack: a token without permits whose fallback swallows the call, as WETH's does

    function test_tokenThatSwallowsPermitsGivesStrangersNothing() public {
        FallbackToken silent = new FallbackToken();
        offpay = deploy(address(silent));
        silent.mint(alice, 5);
        vm.prank(alice);
        silent.approve(address(offpay), 5);
        Permit memory p;
        vm.expectRevert();
        depositAs(mallory, 5, p);
        assertEq(silent.balanceOf(alice), 5);
    }

    function test_tokenThatAnswersAnythingGivesStrangersNothing() public {
        ConstantToken constant_ = new ConstantToken();
        offpay = deploy(address(constant_));
        constant_.mint(alice, 5);
        vm.prank(alice);
        constant_.approve(address(offpay), 5);
        Permit memory p;
        vm.expectRevert(abi.encodeWithSelector(PermitRefused.selector, alice));
        depositAs(mallory, 5, p);
        // Its owner may use its own allowance.
        depositAs(alice, 5, p);
        assertEq(offpay.balanceOf(alice), 5);
    }
}
