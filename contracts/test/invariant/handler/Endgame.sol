// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Audit} from "./Audit.sol";

/// @title The end of every history: everybody collects, closes and leaves
/// @notice Nothing may refuse, and nothing may be left but what was sent here by mistake.
abstract contract Endgame is Audit {
    function endgame() external act(time) {
        for (uint256 i; i < channels.length; ++i) {
            if (!channels[i].closed && channels[i].closesAt == 0) {
                _requestChannelClose(i, channels[i].terms.a);
            }
        }
        for (uint256 i; i < purses.length; ++i) {
            if (!purses[i].closed && purses[i].closesAt == 0) _requestClose(i);
        }
        // Payees hand in and the restored owner makes good on the way.
        _advance(time + DELAY);
        _advance(time + 31 days);
        for (uint256 i; i < purses.length; ++i) {
            for (uint256 j; j < payees.length; ++j) {
                if (pairs[i][payees[j]].since != 0) _resolve(i, payees[j]);
            }
            if (!purses[i].closed) _close(i, _someone());
            _require(21, offpay.purseOf(purses[i].key).closed, "a purse could not be closed in the end");
        }
        for (uint256 i; i < channels.length; ++i) {
            if (!channels[i].closed) _finalize(i, _someone());
            _require(21, channels[i].closed, "a channel could not be finalized in the end");
        }
        _leave();
    }

    function _leave() private {
        _do(cleo, abi.encodeCall(offpay.sweep, (0)));
        uint256 treasury = offpay.balanceOf(TREASURY);
        for (uint256 i; i < accounts.length; ++i) {
            address who = accounts[i];
            if (who == till || who == TREASURY) continue;
            uint96 collateral = offpay.securityOf(who).collateral;
            uint96 balance = uint96(offpay.balanceOf(who));
            _require(
                21,
                _do(who, abi.encodeCall(offpay.withdrawCollateral, (who, collateral))),
                "collateral could not be withdrawn in the end"
            );
            _require(
                21,
                _do(who, abi.encodeCall(offpay.withdraw, (who, balance))),
                "a balance could not be withdrawn in the end"
            );
        }
        _require(21, token.balanceOf(address(offpay)) == treasury + donated, "something was left in the end");
    }
}
