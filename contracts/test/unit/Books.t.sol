// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelTerms} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev The fixture's own books: they count everything, and notice a unit that is missing.
contract BooksTest is Scene {
    function test_booksCountEveryPlaceWhereMoneyIs() public {
        register(bob, HEALTHY);
        ChannelTerms memory one = oneWay(owner, alice, device);
        openChannel(one, 50);
        offpay.claimVoucher(one, 20, REFERENCE, signVoucher(device, one, 20));
        ChannelTerms memory two = twoWay(owner, alice, device, bob);
        openChannel(two, 30);
        settle(device, first(carol, 9));
        uint256 total = uint256(COLLATERAL) + BALANCE + HEALTHY;
        assertEq(owedToAll(), total);
        assertEq(token.balanceOf(address(offpay)), total);
        checkBooks();
    }

    function test_booksNoticeAUnitTooManyOrTooFew() public {
        token.mint(address(offpay), 1);
        vm.expectRevert();
        this.check();
        vm.prank(address(offpay));
        token.transfer(address(1), 2);
        vm.expectRevert();
        this.check();
        token.mint(address(offpay), 1);
        this.check();
    }

    function check() external view {
        checkBooks();
    }
}
