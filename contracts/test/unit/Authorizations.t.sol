// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {TokenTookFee, ZeroAddress, ZeroAmount} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {AuthorizationToken} from "../shared/AuthorizationToken.sol";
import {Fixture} from "../shared/Fixture.sol";
import {FallbackToken} from "../shared/OddTokens.sol";

/// @dev EIP-3009: the authorization's nonce names the account that is credited.
contract AuthorizationsTest is Fixture {
    bytes32 private constant SALT = keccak256("salt");

    struct Authorization {
        uint256 validAfter;
        uint256 validBefore;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    AuthorizationToken private auth;
    address private alice = person("alice");
    address private bob = person("bob");
    address private mallory = person("mallory");

    function setUp() public override {
        super.setUp();
        auth = new AuthorizationToken();
        offpay = deploy(address(auth));
        auth.mint(alice, 100e18);
    }

    function nonceFor(address owner) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, SALT));
    }

    /// @dev Alice's authorization for the contract to receive `amount`.
    function authorize(address owner, uint96 amount) private view returns (Authorization memory a) {
        (a.validAfter, a.validBefore) = (now40() - 1, now40() + 1 hours);
        bytes32 structHash = keccak256(
            abi.encode(
                auth.RECEIVE_WITH_AUTHORIZATION_TYPEHASH(),
                alice,
                address(offpay),
                uint256(amount),
                a.validAfter,
                a.validBefore,
                nonceFor(owner)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", auth.DOMAIN_SEPARATOR(), structHash));
        (a.v, a.r, a.s) = vm.sign(keyOf[alice], digest);
    }

    function bring(address owner, uint96 amount, bytes32 salt, Authorization memory a) private {
        offpay.depositWithAuthorization(
            alice, owner, amount, a.validAfter, a.validBefore, salt, a.v, a.r, a.s
        );
    }

    function testFuzz_anyoneBringsAnAuthorizationForTheOwnerThatItNames(
        address bringer,
        address owner,
        uint96 amount
    ) public {
        vm.assume(owner != address(0) && bringer != address(offpay));
        amount = uint96(bound(amount, 1, 100e18));
        Authorization memory a = authorize(owner, amount);
        vm.expectEmit(address(offpay));
        emit Events.Deposited(owner, alice, amount);
        vm.prank(bringer);
        bring(owner, amount, SALT, a);
        assertEq(offpay.balanceOf(owner), amount);
        assertEq(auth.balanceOf(address(offpay)), amount);
        assertEq(auth.balanceOf(alice), 100e18 - amount);
    }

    /// @dev Attack: crediting oneself with somebody's authorization.
    function test_authorizationCannotBeRedirected() public {
        Authorization memory a = authorize(bob, 5);
        vm.startPrank(mallory);
        vm.expectRevert(AuthorizationToken.InvalidAuthorization.selector);
        bring(mallory, 5, SALT, a);
        vm.expectRevert(AuthorizationToken.InvalidAuthorization.selector);
        bring(bob, 5, keccak256("another salt"), a);
        // It is good, for whom it is.
        bring(bob, 5, SALT, a);
        assertEq(offpay.balanceOf(bob), 5);
    }

    /// @dev Attack: using it up elsewhere, so that the tokens come without a credit.
    function test_authorizationCannotBeSpentPastTheContract() public {
        Authorization memory a = authorize(bob, 5);
        vm.startPrank(mallory);
        vm.expectRevert(AuthorizationToken.CallerMustBePayee.selector);
        auth.receiveWithAuthorization(
            alice, address(offpay), 5, a.validAfter, a.validBefore, nonceFor(bob), a.v, a.r, a.s
        );
        vm.expectRevert(AuthorizationToken.InvalidAuthorization.selector);
        auth.transferWithAuthorization(
            alice, address(offpay), 5, a.validAfter, a.validBefore, nonceFor(bob), a.v, a.r, a.s
        );
        vm.stopPrank();
        bring(bob, 5, SALT, a);
        assertEq(offpay.balanceOf(bob), 5);
    }

    function test_authorizationCountsOnce() public {
        Authorization memory a = authorize(bob, 5);
        bring(bob, 5, SALT, a);
        vm.expectRevert(AuthorizationToken.AuthorizationUsedOrCanceled.selector);
        bring(bob, 5, SALT, a);
    }

    function test_amountIsTheAuthorizationsOwn() public {
        Authorization memory a = authorize(bob, 5);
        vm.expectRevert(AuthorizationToken.InvalidAuthorization.selector);
        bring(bob, 6, SALT, a);
    }

    function test_expiredAuthorizationIsRefused() public {
        Authorization memory a = authorize(bob, 5);
        vm.warp(a.validBefore);
        vm.expectRevert(AuthorizationToken.AuthorizationExpired.selector);
        bring(bob, 5, SALT, a);
    }

    function test_zeroAmountIsRefused() public {
        Authorization memory a = authorize(bob, 0);
        vm.expectRevert(ZeroAmount.selector);
        bring(bob, 0, SALT, a);
    }

    function test_zeroOwnerIsRefused() public {
        Authorization memory a = authorize(address(0), 5);
        vm.expectRevert(ZeroAddress.selector);
        bring(address(0), 5, SALT, a);
    }

    /// @dev Attack: a credit for an authorization that the token never looked at.
    function test_tokenThatSwallowsAuthorizationsCreditsNothing() public {
        FallbackToken silent = new FallbackToken();
        offpay = deploy(address(silent));
        silent.mint(alice, 5);
        vm.prank(alice);
        silent.approve(address(offpay), 5);
        Authorization memory a;
        vm.expectRevert(abi.encodeWithSelector(TokenTookFee.selector, 5, 0));
        bring(bob, 5, SALT, a);
    }

    function test_tokenWithoutAuthorizationsRefuses() public {
        offpay = deploy(address(token));
        token.mint(alice, 5);
        Authorization memory a;
        vm.expectRevert();
        bring(bob, 5, SALT, a);
    }
}
