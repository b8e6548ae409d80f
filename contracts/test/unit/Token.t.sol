// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {OffPayToken} from "../../src/OffPayToken.sol";
import {Signing} from "../shared/Signing.sol";

/// @dev $OFFPAY.
contract TokenTest is Signing {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    address private minter = person("minter");
    address private alice = person("alice");
    address private bob = person("bob");
    OffPayToken private token = new OffPayToken(minter);

    function verifier() internal view override returns (address) {
        return address(token);
    }

    function permitDigest(address owner, address spender, uint256 value, uint256 nonce, uint256 deadline)
        private
        view
        returns (bytes32)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                ),
                owner,
                spender,
                value,
                nonce,
                deadline
            )
        );
        // Domain `OffPay` / `1`, as the payments' own, at another address.
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(address(token)), structHash));
    }

    function test_isOffPayWith18DecimalsAndNothingMinted() public view {
        assertEq(token.name(), "OffPay");
        assertEq(token.symbol(), "OFFPAY");
        assertEq(token.decimals(), 18);
        assertEq(token.totalSupply(), 0);
        assertEq(token.owner(), minter);
    }

    function testFuzz_ownerMints(uint256 amount) public {
        vm.expectEmit(address(token));
        emit Transfer(address(0), alice, amount);
        vm.prank(minter);
        token.mint(alice, amount);
        assertEq(token.balanceOf(alice), amount);
        assertEq(token.totalSupply(), amount);
    }

    function test_nobodyElseMints() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, alice));
        vm.prank(alice);
        token.mint(alice, 1);
    }

    function test_renouncingEndsMinting() public {
        vm.startPrank(minter);
        token.renounceOwnership();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, minter));
        token.mint(alice, 1);
    }

    function testFuzz_permitApproves(uint256 value, uint256 deadline) public {
        deadline = bound(deadline, block.timestamp, type(uint256).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[alice], permitDigest(alice, bob, value, 0, deadline));
        vm.expectEmit(address(token));
        emit Approval(alice, bob, value);
        token.permit(alice, bob, value, deadline, v, r, s);
        assertEq(token.allowance(alice, bob), value);
        assertEq(token.nonces(alice), 1);
    }

    function test_permitCountsOnce() public {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(keyOf[alice], permitDigest(alice, bob, 5, 0, block.timestamp));
        token.permit(alice, bob, 5, block.timestamp, v, r, s);
        bytes32 next = permitDigest(alice, bob, 5, 1, block.timestamp);
        address other = ecrecover(next, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, other, alice));
        token.permit(alice, bob, 5, block.timestamp, v, r, s);
    }
}
