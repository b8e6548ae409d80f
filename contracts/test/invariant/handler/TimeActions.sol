// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelActions} from "./ChannelActions.sol";
import {PromiseActions} from "./PromiseActions.sol";

/// @title The clock
/// @notice It jumps to the moments that matter, and a second before them. On the way those who are known to act in
/// time do so, in the last second that they have: payees hand in what they were promised, the restored owner makes
/// good, and honest parties of a channel present their newest voucher.
abstract contract TimeActions is PromiseActions, ChannelActions {
    function wait(uint256 seed) external act(seed) {
        uint256 kind = _pick(8);
        uint256 to;
        if (kind == 0) to = time + _pick(2 hours);
        else if (kind < 3) to = time + _pick(PERIOD);
        else if (kind == 3) to = time + PERIOD;
        else if (kind < 6) to = _nextPeriodEnd();
        else if (kind == 6) to = _nextClose();
        else to = time + (_chance(4) ? DELAY : 2 * PERIOD);
        if (_chance(3)) --to;
        _advance(_max(to, time));
    }

    function _nextPeriodEnd() private view returns (uint256 to) {
        to = type(uint256).max;
        for (uint256 i; i < purses.length; ++i) {
            for (uint256 j; j < payees.length; ++j) {
                uint256 since = pairs[i][payees[j]].since;
                if (since != 0 && since + PERIOD > time) to = _min(to, since + PERIOD);
            }
        }
        if (to == type(uint256).max) to = time + 1 hours;
    }

    function _nextClose() private view returns (uint256 to) {
        to = type(uint256).max;
        for (uint256 i; i < purses.length; ++i) {
            if (!purses[i].closed && purses[i].closesAt > time) to = _min(to, purses[i].closesAt);
        }
        for (uint256 i; i < channels.length; ++i) {
            if (!channels[i].closed && channels[i].closesAt > time) to = _min(to, channels[i].closesAt);
        }
        if (to == type(uint256).max) to = time + 1 hours;
    }

    /// @dev Lets time pass, with all who act in the last second that they have.
    function _advance(uint256 to) internal {
        // Each pass does away with at least one of the finitely many duties.
        for (uint256 k; k < 64; ++k) {
            (uint256 due, uint256 kind, uint256 i, address payee) = _nextDuty();
            if (due > to) break;
            if (due > time) _warp(due);
            if (kind == 0) _handIn(i, payee);
            else if (kind == 1) _makeGoodInTime(i, payee);
            else _presentHeld(i);
        }
        _warp(to);
    }

    function _warp(uint256 to) private {
        time = to;
        vm.warp(to);
    }

    function _makeGoodInTime(uint256 i, address payee) private {
        address[] memory list = new address[](1);
        list[0] = payee;
        _require(6, _makeGood(i, list, type(uint96).max), "making good in time was refused");
        _hit("made good in the last second");
    }

    function _nextDuty() private view returns (uint256 due, uint256 kind, uint256 i, address payee) {
        due = type(uint256).max;
        for (uint256 k; k < purses.length; ++k) {
            for (uint256 j; j < payees.length; ++j) {
                uint256 until = j < 3 ? promises[k][payees[j]].until : 0;
                if (until != 0 && until - 1 < due) (due, kind, i, payee) = (until - 1, 0, k, payees[j]);
                if (purses[k].owner != restored) continue;
                uint256 since = pairs[k][payees[j]].since;
                if (since != 0 && since + PERIOD - 1 < due) {
                    (due, kind, i, payee) = (since + PERIOD - 1, 1, k, payees[j]);
                }
            }
        }
        for (uint256 k; k < channels.length; ++k) {
            uint256 closesAt = channels[k].closesAt;
            if (_mustPresent(k) && closesAt - 1 < due) (due, kind, i) = (closesAt - 1, 2, k);
        }
    }
}
