// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {MakeGoodTooDear, NotInDefault, SettlementPeriodRunning, UnknownPurse} from "../types/Errors.sol";
import {PairState} from "../types/Types.sol";
import {Head, Heads} from "../lib/Heads.sol";
import {Purses} from "./Purses.sol";

/// @title Defaults: what happens to a payment that its purse cannot pay
/// @notice The payer has SETTLEMENT_PERIOD to make good. Then the payee is paid what was reserved for it out of the
/// collateral, and the purse is condemned: what is left of its pledge is never returned.
abstract contract Defaults is Purses {
    /// @dev A payment that was shown to a purse, after what its funds could pay of it.
    /// @param cumulative What the payment promised.
    /// @param target The higher of that and what was presented before.
    /// @param owed What is still owed.
    /// @param paidNow Whether something was paid out of funds.
    struct Presentation {
        address key;
        address payee;
        uint256 cumulative;
        uint256 target;
        uint256 owed;
        bool paidNow;
    }

    /// @notice Pays, out of the owner's balance and straight to the payees, all that the purse owes the given pairs
    /// at execution. Pairs that are not in default (any more) are passed over. Nobody can race it.
    /// @param max The most that the owner is willing to pay in all, in base units.
    function makeGood(address key, address[] calldata payees, uint96 max) external guarded {
        Head head = _requireOwned(key);
        Claims memory claims = _claimsOf(key);
        address owner = _actor();
        uint256 total;
        for (uint256 i; i < payees.length; ++i) {
            address payee = payees[i];
            PairDefault memory pair = _pairOf(key, payee);
            if (pair.since == 0) continue;
            uint256 owed = pair.presented - paidTo[key][payee].value;
            total += owed;
            _debit(owner, owed);
            _credit(payee, owed);
            paidTo[key][payee].value = pair.presented;
            emit PaymentMadeGood(key, payee, uint96(owed), pair.presented);
            if (_periodPassed(pair)) head = _condemn(key, head);
            _cure(key, payee, pair, claims);
        }
        if (total > max) revert MakeGoodTooDear(total, max);
        _setClaims(key, claims);
        _purses[key].head = head;
    }

    /// @notice Resolves a pair's default after the settlement period: what is reserved for it (maybe nothing) is
    /// paid out of the owner's collateral, and the purse is condemned.
    function settlePaymentAfterSettlementPeriod(address key, address payee) external guarded {
        PairDefault memory pair = _pairOf(key, payee);
        if (pair.since == 0) {
            if (!_purses[key].head.exists()) revert UnknownPurse(key);
            revert NotInDefault(key, payee);
        }
        if (!_periodPassed(pair)) revert SettlementPeriodRunning(pair.since + SETTLEMENT_PERIOD);

        uint96 amount = pair.claim;
        Claims memory claims = _claimsOf(key);
        claims.paidFromCollateral += amount;
        _resolve(key, payee, pair, claims, _had(key, payee, pair) + amount);
        _setClaims(key, claims);
        _purses[key].head = _condemn(key, _purses[key].head);

        uint256 paid = paidTo[key][payee].value + amount;
        if (amount != 0) {
            _unpledge(_purseOwners[key].owner, amount, true);
            paidTo[key][payee].value = paid;
            _credit(payee, amount);
        }
        emit PaymentSettledFromCollateral(key, payee, amount, uint96(paid));
    }

    /// @notice All about a pair of a purse and a payee.
    function pairOf(address key, address payee) external view returns (PairState memory state) {
        PairDefault memory pair = _pairOf(key, payee);
        state.paid = paidTo[key][payee].value;
        state.presented = pair.presented;
        state.inDefaultSince = pair.since;
        state.reserved = pair.since == 0 ? 0 : pair.claim;
        state.fromCollateral = _had(key, payee, pair);
        state.wasMember = pair.wasMember;
    }

    /// @dev The highest cumulative that was presented for a pair of a purse that was in default at some time.
    function _presented(address key, address payee) internal view returns (uint256) {
        return _defaults[key][payee].presented;
    }

    /// @dev Called after a presentation to a purse that is, or was at some time, in default.
    function _afterPresentation(Head head, Presentation memory shown) internal returns (Head) {
        PairDefault memory pair = _pairOf(shown.key, shown.payee);
        Claims memory claims = _claimsOf(shown.key);
        if (shown.owed == 0) {
            if (pair.since == 0) return head;
            if (_periodPassed(pair)) head = _condemn(shown.key, head);
            _cure(shown.key, shown.payee, pair, claims);
        } else {
            if (pair.since == 0) {
                // A pair that was resolved comes back only for something new.
                if (!_reserve(head, shown, pair, claims) && shown.cumulative <= pair.presented) return head;
                pair.since = _now();
                claims.pairsInDefault += 1;
                if (head.closesAt() == 0) head = _startClosing(shown.key, head);
                head = head.withFlag(Heads.DEFAULTED);
            } else {
                if (shown.paidNow && _periodPassed(pair)) head = _condemn(shown.key, head);
                _reserve(head, shown, pair, claims);
            }
            pair.presented = uint96(shown.target);
            _setPair(shown.key, shown.payee, pair);
            emit PaymentDefaulted(
                shown.key, shown.payee, pair.presented, pair.claim, pair.since, pair.wasMember
            );
        }
        _setClaims(shown.key, claims);
        return head;
    }

    /// @dev Renews the reservation of a pair that is, or is about to be, in default, and answers whether there is
    /// one. It never falls below what it was, less what was paid.
    function _reserve(Head head, Presentation memory shown, PairDefault memory pair, Claims memory claims)
        private
        returns (bool)
    {
        uint96 had = _had(shown.key, shown.payee, pair);
        if (pair.since != 0) {
            claims.reserved -= pair.claim;
        } else if (had != 0) {
            pair.again = true;
            _hadBefore[shown.key][shown.payee] = had;
        }
        pair.wasMember = pair.wasMember || _isMember(_circles[shown.key], shown.payee);
        pair.claim = pair.wasMember ? _reservable(shown.key, head, shown.owed, had, claims) : 0;
        claims.reserved += pair.claim;
        return pair.claim != 0;
    }

    /// @dev What a pair can reserve: no more than it is owed, than one cover in all, and than what others have left
    /// of the payable share.
    function _reservable(address key, Head head, uint256 owed, uint256 had, Claims memory claims)
        private
        view
        returns (uint96)
    {
        uint256 payable_ = _payableBps(key) * _purseOwners[key].pledge;
        uint256 cover = payable_ / (BPS * head.coverCount());
        uint256 room = payable_ / BPS - claims.reserved - claims.paidFromCollateral;
        uint256 most = cover - had;
        if (room < most) most = room;
        return uint96(owed < most ? owed : most);
    }

    /// @dev Ends the default of a pair that was paid in full. Its reservation is free for others.
    function _cure(address key, address payee, PairDefault memory pair, Claims memory claims) private {
        _resolve(key, payee, pair, claims, _had(key, payee, pair));
        emit DefaultCured(key, payee);
    }

    /// @dev Ends a pair's default. The caller stores `claims`.
    /// @param had What the pair has had from collateral in all.
    function _resolve(address key, address payee, PairDefault memory pair, Claims memory claims, uint96 had)
        private
    {
        claims.reserved -= pair.claim;
        claims.pairsInDefault -= 1;
        pair.claim = had;
        pair.since = 0;
        pair.again = false;
        _setPair(key, payee, pair);
    }

    function _condemn(address key, Head head) private returns (Head) {
        if (head.has(Heads.CONDEMNED)) return head;
        emit PurseCondemned(key);
        return head.withFlag(Heads.CONDEMNED);
    }

    function _pairOf(address key, address payee) private view returns (PairDefault memory) {
        return _defaults[key][payee];
    }

    function _setPair(address key, address payee, PairDefault memory pair) private {
        _defaults[key][payee] = pair;
    }

    function _setClaims(address key, Claims memory claims) private {
        _claims[key] = claims;
    }

    function _periodPassed(PairDefault memory pair) private view returns (bool) {
        return block.timestamp >= uint256(pair.since) + SETTLEMENT_PERIOD;
    }

    /// @dev What the pair has had from collateral before its present default, if any.
    function _had(address key, address payee, PairDefault memory pair) private view returns (uint96) {
        if (pair.since == 0) return pair.claim;
        return pair.again ? uint96(_hadBefore[key][payee]) : 0;
    }

    function _payableBps(address key) private view returns (uint256) {
        return BPS - (_circles[key] == address(0) ? OPEN_PENALTY_BPS : CIRCLE_PENALTY_BPS);
    }
}
