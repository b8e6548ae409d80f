// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AccountActions} from "./AccountActions.sol";
import {CircleActions} from "./CircleActions.sol";
import {Endgame} from "./Endgame.sol";
import {RelayActions} from "./RelayActions.sol";

/// @title Everybody at once
/// @notice Begins with people that have money, circles whose members count, purses of every kind and two channels,
/// so that a history of a few dozen steps gets far.
contract Handler is AccountActions, CircleActions, RelayActions, Endgame {
    constructor() {
        for (uint256 i; i < accounts.length; ++i) {
            if (accounts[i] != till && accounts[i] != TREASURY) _endow(accounts[i]);
        }
        address[4] memory few = [anna, bert, sock0, address(0)];
        address[6] memory many = [anna, bert, cleo, till, sock0, sock1];
        for (uint256 j; j < 3; ++j) {
            _admit(market, few[j]);
        }
        for (uint256 j; j < many.length; ++j) {
            _admit(city, many[j]);
        }
        _admit(rogue, sock0);
        _admit(rogue, anna);
        _advance(time + DELAY + 1 days);

        _openPurse(bystander, 300, 201, 5, market);
        _rememberBystander();
        _openPurse(honest, 1000, 999, 4, market);
        _openPurse(restored, 800, 901, 4, market);
        _openPurse(cheat, 900, 1003, 5, market);
        _openPurse(cheat, 700, 503, 2, city);
        _openPurse(rogue, 600, 601, 1, rogue);
        _openPurse(rogue, 500, 401, 2, address(0));
        _openChannel(anna, bert, 400, true);
        _openChannel(cheat, cleo, 400, false);
        relaying = true;
    }

    /// @dev A balance for everybody, collateral for whoever pays, and a registration for some who are paid.
    function _endow(address who) private {
        uint96 collateral = 4000;
        if (who == bert || who == cleo || who == market || who == city) collateral = 30;
        else if (who == anna || who == sock0 || who == sock1) collateral = 150;
        if (_do(who, abi.encodeCall(offpay.deposit, (5000)))) cameIn += 5000;
        if (_do(who, abi.encodeCall(offpay.depositCollateral, (collateral)))) cameIn += collateral;
    }
}
