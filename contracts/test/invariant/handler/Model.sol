// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PairState, Payment, PurseState} from "../../../src/types/Types.sol";
import {World} from "./World.sol";

/// @title Sections 3 and 5 of the protocol once more, naively
/// @notice Nothing is packed and no sum is kept: every reservation is computed from all pairs of the purse. After
/// each operation the contract must show exactly this.
abstract contract Model is World {
    struct Purse {
        address key;
        address owner;
        address circle;
        uint256 coverCount;
        uint256 funds;
        uint256 paid;
        uint256 pledge;
        uint256 closesAt;
        bool reported;
        bool defaulted;
        bool condemned;
        bool closed;
        // What came out of the collateral, kept when the contract forgets it.
        uint256 forfeited;
        // Of an honest device: the next serial.
        uint256 next;
    }

    struct Pair {
        uint256 paid;
        uint256 presented;
        uint256 since;
        uint256 reserved;
        uint256 had;
        bool wasMember;
    }

    struct Member {
        uint256 from;
        uint256 until;
        bool counted;
    }

    uint256 internal constant NEVER = type(uint40).max;

    Purse[] internal purses;
    mapping(uint256 purse => mapping(address payee => Pair)) internal pairs;
    mapping(address circle => mapping(address payee => Member)) internal members;
    /// @dev Since when an account's collateral has been enough.
    mapping(address account => uint256) internal healthySince;

    // --- Circles

    function _isMember(address circle, address payee) internal view returns (bool) {
        if (circle == address(0)) {
            return healthySince[payee] != 0 && time >= healthySince[payee] + DELAY;
        }
        Member storage m = members[circle][payee];
        return m.counted && m.from <= time && time < m.until;
    }

    function _circleSize(address circle) internal view returns (uint256 size) {
        if (circle == address(0)) return type(uint16).max;
        for (uint256 i; i < accounts.length; ++i) {
            if (members[circle][accounts[i]].counted) ++size;
        }
    }

    // --- Collateral

    function _payable(uint256 i) internal view returns (uint256) {
        return
            purses[i].pledge * (BPS - (purses[i].circle == address(0) ? OPEN_PENALTY : CIRCLE_PENALTY)) / BPS;
    }

    function _cover(uint256 i) internal view returns (uint256) {
        uint256 penalty = purses[i].circle == address(0) ? OPEN_PENALTY : CIRCLE_PENALTY;
        return purses[i].pledge * (BPS - penalty) / (BPS * purses[i].coverCount);
    }

    /// @dev What the purse's pairs but one reserve, what all of them have had, and how many of the others claim.
    function _claims(uint256 i, address but)
        internal
        view
        returns (uint256 reserved, uint256 had, uint256 claiming)
    {
        for (uint256 j; j < payees.length; ++j) {
            Pair storage pair = pairs[i][payees[j]];
            had += pair.had;
            if (payees[j] == but) continue;
            reserved += pair.reserved;
            if (pair.reserved + pair.had != 0) ++claiming;
        }
    }

    function _inDefault(uint256 i) internal view returns (uint256 count) {
        for (uint256 j; j < payees.length; ++j) {
            if (pairs[i][payees[j]].since != 0) ++count;
        }
    }

    function _late(Pair storage pair) internal view returns (bool) {
        return pair.since != 0 && time >= pair.since + PERIOD;
    }

    // --- What operations do

    /// @dev Whether the payment is refused, and if not, what `settlePayment` does.
    function _modelSettle(uint256 i, Payment memory p) internal returns (bool refused) {
        Purse storage purse = purses[i];
        Pair storage pair = pairs[i][p.payee];
        uint256 end = uint256(p.start) + p.amount;
        if (p.amount == 0 || p.amount > p.cumulative || p.cumulative > end) return true;
        if (purse.closed) return p.cumulative > pair.paid;
        if (end > purse.funds) return true;

        uint256 target = _max(p.cumulative, pair.presented);
        if (target <= pair.paid) return false;
        uint256 pay = _min(target - pair.paid, purse.funds - purse.paid);
        pair.paid += pay;
        purse.paid += pay;
        if (pay != 0 && _late(pair)) _modelCondemn(purse);
        if (target == pair.paid) {
            _hit("settled in full");
            if (pair.since != 0) {
                _hit("cured by settling");
                _endDefault(pair);
            }
        } else {
            _modelDefault(i, p, target);
        }
    }

    /// @dev A presentation of which something is still owed.
    function _modelDefault(uint256 i, Payment memory p, uint256 target) private {
        Purse storage purse = purses[i];
        Pair storage pair = pairs[i][p.payee];
        bool member = pair.wasMember || _isMember(purse.circle, p.payee);
        uint256 claim = member ? _claim(i, p.payee, target - pair.paid) : 0;
        if (pair.since == 0) {
            if (claim == 0 && p.cumulative <= pair.presented) {
                _hit("resolved, nothing new");
                return;
            }
            _hit(pair.presented == 0 ? bytes32("default") : bytes32("again in default"));
            if (pair.had != 0) _hit("again after collateral");
            pair.since = time;
            purse.defaulted = true;
            if (purse.closesAt == 0) purse.closesAt = time + DELAY;
        } else if (target > pair.presented) {
            _hit("default grew");
        }
        if (claim != 0 && !_isMember(purse.circle, p.payee)) _hit("was a member once");
        _hit(claim != 0 ? bytes32("reserved") : member ? bytes32("no room left") : bytes32("not a member"));
        pair.reserved = claim;
        pair.presented = target;
        pair.wasMember = member;
    }

    function _claim(uint256 i, address payee, uint256 owed) private view returns (uint256) {
        (uint256 reserved, uint256 had,) = _claims(i, payee);
        return _min(_min(owed, _cover(i) - pairs[i][payee].had), _payable(i) - reserved - had);
    }

    /// @dev Pays all that pairs in default are owed out of the owner's balance, and answers how much that is.
    function _modelMakeGood(uint256 i, address[] memory list) internal returns (uint256 total) {
        for (uint256 j; j < list.length; ++j) {
            Pair storage pair = pairs[i][list[j]];
            if (pair.since == 0) continue;
            total += pair.presented - pair.paid;
            pair.paid = pair.presented;
            if (_late(pair)) _modelCondemn(purses[i]);
            _endDefault(pair);
            _hit("made good");
        }
    }

    function _modelResolve(uint256 i, address payee) internal {
        Pair storage pair = pairs[i][payee];
        _hit(pair.reserved == 0 ? bytes32("resolved with nothing") : bytes32("resolved from collateral"));
        pair.had += pair.reserved;
        pair.paid += pair.reserved;
        _modelCondemn(purses[i]);
        _endDefault(pair);
    }

    function _modelCondemn(Purse storage purse) private {
        if (!purse.condemned) _hit("condemned");
        purse.condemned = true;
    }

    function _endDefault(Pair storage pair) private {
        pair.since = 0;
        pair.reserved = 0;
    }

    // --- Comparison

    /// @dev What of the purse the contract shows otherwise than the model, if anything.
    function _difference(uint256 i) internal view returns (string memory) {
        Purse storage purse = purses[i];
        PurseState memory seen = offpay.purseOf(purse.key);
        if (seen.open == purse.closed || seen.closed != purse.closed) return "open, closed";
        if (seen.paid != purse.paid) return "paid";
        if (seen.reported != purse.reported) return "reported";
        if (seen.defaulted != purse.defaulted) return "defaulted";
        if (seen.condemned != purse.condemned) return "condemned";
        if (!purse.closed) {
            if (seen.owner != purse.owner || seen.circle != purse.circle) return "owner, circle";
            if (seen.coverCount != purse.coverCount) return "coverCount";
            if (seen.funds != purse.funds) return "funds";
            if (seen.pledge != purse.pledge) return "pledge";
            if (seen.closesAt != purse.closesAt) return "closesAt";
        }
        return _pairDifference(i, seen);
    }

    function _pairDifference(uint256 i, PurseState memory seen) private view returns (string memory) {
        for (uint256 j; j < payees.length; ++j) {
            Pair storage pair = pairs[i][payees[j]];
            PairState memory shown = offpay.pairOf(purses[i].key, payees[j]);
            if (shown.paid != pair.paid) return "paidTo";
            if (shown.presented != pair.presented) return "presented";
            if (shown.inDefaultSince != pair.since) return "inDefaultSince";
            if (shown.reserved != pair.reserved) return "reserved";
            if (shown.fromCollateral != pair.had) return "fromCollateral";
            if (shown.wasMember != pair.wasMember) return "wasMember";
        }
        (uint256 reserved, uint256 had,) = _claims(i, address(0));
        bool closed = purses[i].closed;
        if (seen.reserved != (closed ? 0 : reserved)) return "sum of reservations";
        if (seen.paidFromCollateral != (closed ? 0 : had)) return "paidFromCollateral";
        if (seen.pairsInDefault != _inDefault(i)) return "pairsInDefault";
        return "";
    }
}
