// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NotDismissable, NotPrunable} from "../types/Errors.sol";
import {Membership} from "../types/Types.sol";
import {Ledger} from "./Ledger.sol";

/// @title Circles: who may claim on a purse's collateral
/// @notice A circle is named by the address that admits its members. Admissions and dismissals count CLOSE_DELAY
/// later, so that nobody can join or be thrown out behind the back of a payee that is offline.
abstract contract Circles is Ledger {
    /// @dev A size that was reached once never shrinks: the members beyond it were not counted.
    uint16 private constant SATURATED = type(uint16).max;
    uint40 private constant NEVER = type(uint40).max;

    /// @notice Admits a payee to the acting account's circle, from CLOSE_DELAY on. Changes nothing for a member or
    /// a pending one, except that it takes back a dismissal that does not count yet.
    function admit(address payee) external guarded {
        _requireAddress(payee);
        address circle = _actor();
        Membership storage membership = _members[circle][payee];
        uint40 until = membership.until;
        if (until == NEVER) return;
        if (until > block.timestamp) {
            membership.until = NEVER;
            emit DismissalRevoked(circle, payee);
            return;
        }
        // New, pruned, or ended. One that ended and was not pruned still counts in the size.
        uint16 size = _circleSize[circle];
        if (until == 0 && size != SATURATED) _circleSize[circle] = ++size;
        uint40 from = _now() + CLOSE_DELAY;
        _members[circle][payee] = Membership({from: from, until: NEVER});
        emit Admitted(circle, payee, from, size);
    }

    /// @notice Ends a payee's membership in the acting account's circle, CLOSE_DELAY from now.
    function dismiss(address payee) external guarded {
        address circle = _actor();
        Membership storage membership = _members[circle][payee];
        if (membership.until != NEVER) revert NotDismissable(circle, payee);
        uint40 until = _now() + CLOSE_DELAY;
        membership.until = until;
        emit Dismissed(circle, payee, until);
    }

    /// @notice Takes a payee whose membership has ended out of the circle's size.
    function prune(address circle, address payee) external guarded {
        uint40 until = _members[circle][payee].until;
        if (until == 0 || until > block.timestamp) revert NotPrunable(circle, payee);
        delete _members[circle][payee];
        uint16 size = _circleSize[circle];
        if (size != SATURATED) _circleSize[circle] = --size;
        emit Pruned(circle, payee, size);
    }

    /// @notice Members, pending ones, and dismissed ones that still count; 65535 stands for that many or more. The
    /// open circle (zero) always has that size.
    function circleSize(address circle) external view returns (uint16) {
        return circle == address(0) ? SATURATED : _circleSize[circle];
    }

    /// @notice When the payee's membership counts. `until` is 2^40 - 1 while no dismissal is pending.
    function membershipOf(address circle, address payee) external view returns (Membership memory) {
        return _members[circle][payee];
    }

    /// @notice Whether the payee may claim as a member of the circle now.
    function isMember(address circle, address payee) external view returns (bool) {
        return _isMember(circle, payee);
    }
}
