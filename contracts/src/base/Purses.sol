// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    InsufficientCollateral,
    InvalidCoverCount,
    NotClosable,
    NotPurseOwner,
    NotRegistered,
    PledgeFixed,
    PurseClosing,
    PurseIsClosed,
    PurseKeyUsed,
    UnknownPurse,
    ZeroAmount
} from "../types/Errors.sol";
import {PurseState, Security} from "../types/Types.sol";
import {Hashes} from "../lib/Hashes.sol";
import {Head, Heads} from "../lib/Heads.sol";
import {Ledger} from "./Ledger.sol";

/// @title Purses: opening, improving, closing
/// @notice The terms of a purse only ever improve. A key is used once, ever.
abstract contract Purses is Ledger {
    /// @notice Opens a purse: moves `funds` out of the acting account's balance and pledges `pledge` of its
    /// collateral.
    /// @param key The address of the device key that will sign the purse's payments.
    /// @param coverCount Into how many covers the payable share of the pledge is divided, 1 to 65534.
    /// @param circle Whose members may claim on the pledge; zero for the open circle.
    /// @param keySignature `PurseKey(owner)`, signed by the device key.
    function openPurse(
        address key,
        uint96 funds,
        uint96 pledge,
        uint16 coverCount,
        address circle,
        bytes calldata keySignature
    ) external guarded {
        address owner = _actor();
        if (coverCount == 0 || coverCount == type(uint16).max) revert InvalidCoverCount(coverCount);
        if (pledge == 0) revert ZeroAmount();
        if (_purses[key].head.exists()) revert PurseKeyUsed(key);
        _requireSigner(Hashes.purseKey(owner), keySignature, key);
        if (_securities[owner].registeredAt == 0) revert NotRegistered(owner);
        _pledge(owner, pledge);
        _debit(owner, funds);
        _purses[key].head = Heads.opened(funds, coverCount);
        _purseOwners[key] = PurseOwner({owner: owner, pledge: pledge});
        if (circle != address(0)) _circles[key] = circle;
        emit PurseOpened(key, owner, circle, funds, pledge, coverCount);
    }

    /// @notice Adds balance of the owner to the purse's funds.
    function topUpPurse(address key, uint96 amount) external guarded {
        if (amount == 0) revert ZeroAmount();
        Head head = _requireOwned(key);
        _debit(_actor(), amount);
        uint256 funds = head.funds() + amount;
        _purses[key].head = head.withFunds(funds);
        emit PurseToppedUp(key, amount, uint96(funds));
    }

    /// @notice Pledges more of the owner's collateral, until the purse's first default.
    function addPledge(address key, uint96 amount) external guarded {
        if (amount == 0) revert ZeroAmount();
        Head head = _requireOwned(key);
        if (head.has(Heads.DEFAULTED)) revert PledgeFixed(key);
        _pledge(_actor(), amount);
        uint96 pledge = _purseOwners[key].pledge + amount;
        _purseOwners[key].pledge = pledge;
        emit PledgeAdded(key, amount, pledge);
    }

    /// @notice Begins to close the purse: it closes CLOSE_DELAY from now. Cannot be undone.
    function requestPurseClose(address key) external guarded {
        Head head = _requireOwned(key);
        if (head.closesAt() != 0) revert PurseClosing(key, head.closesAt());
        _purses[key].head = _startClosing(key, head);
    }

    /// @notice Closes a purse whose time has come and that has no pair in default: what is left of its funds goes
    /// to the owner's balance; the pledge is released or, if the purse is condemned, what is left of it goes to
    /// the treasury.
    function closePurse(address key) external guarded {
        Head head = _requireOpen(key);
        Claims memory claims = _claimsOf(key);
        uint40 closesAt = head.closesAt();
        if (closesAt == 0 || block.timestamp < closesAt || claims.pairsInDefault != 0) {
            revert NotClosable(key, closesAt, claims.pairsInDefault);
        }
        PurseOwner memory terms = _purseOwners[key];
        uint256 rest = head.funds() - head.paid();
        uint96 left = terms.pledge - claims.paidFromCollateral;
        bool condemned = head.has(Heads.CONDEMNED);

        // The tombstone owes nothing: its funds are what it paid.
        _purses[key].head = head.withFunds(head.paid()).withFlag(Heads.CLOSED);
        delete _purseOwners[key];
        delete _circles[key];
        delete _claims[key];

        _unpledge(terms.owner, left, condemned);
        if (condemned) _credit(treasury, left);
        _credit(terms.owner, rest);
        emit PurseClosed(key, terms.owner, uint96(rest), condemned ? 0 : left, condemned ? left : 0);
    }

    /// @notice All about a purse.
    function purseOf(address key) external view returns (PurseState memory state) {
        Head head = _purses[key].head;
        Claims memory claims = _claimsOf(key);
        state.owner = _purseOwners[key].owner;
        state.circle = _circles[key];
        state.funds = uint96(head.funds());
        state.paid = uint96(head.paid());
        state.pledge = _purseOwners[key].pledge;
        state.coverCount = head.coverCount();
        state.closesAt = head.closesAt();
        state.closed = head.has(Heads.CLOSED);
        state.open = head.exists() && !state.closed;
        state.reported = head.has(Heads.REPORTED);
        state.defaulted = head.has(Heads.DEFAULTED);
        state.condemned = head.has(Heads.CONDEMNED);
        state.reserved = claims.reserved;
        state.paidFromCollateral = claims.paidFromCollateral;
        state.pairsInDefault = claims.pairsInDefault;
    }

    function _claimsOf(address key) internal view returns (Claims memory) {
        return _claims[key];
    }

    /// @dev Sets `closesAt`, once. The caller stores the head.
    function _startClosing(address key, Head head) internal returns (Head) {
        uint40 closesAt = _now() + CLOSE_DELAY;
        emit PurseCloseStarted(key, closesAt);
        return head.withClosesAt(closesAt);
    }

    function _requireOpen(address key) internal view returns (Head head) {
        head = _purses[key].head;
        if (!head.exists()) revert UnknownPurse(key);
        if (head.has(Heads.CLOSED)) revert PurseIsClosed(key);
    }

    function _requireOwned(address key) internal view returns (Head head) {
        head = _requireOpen(key);
        address caller = _actor();
        if (_purseOwners[key].owner != caller) revert NotPurseOwner(key, caller);
    }

    function _pledge(address owner, uint96 amount) private {
        Security storage security = _securities[owner];
        uint96 collateral = security.collateral;
        uint96 pledged = security.pledged;
        if (amount > collateral - pledged) {
            revert InsufficientCollateral(owner, collateral - pledged, amount);
        }
        security.pledged = pledged + amount;
    }
}
