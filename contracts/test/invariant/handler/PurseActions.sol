// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Watch} from "./Watch.sol";

/// @title Opening, improving and closing purses
abstract contract PurseActions is Watch {
    uint256 internal constant MOST_PURSES = 10;

    /// @dev The purse and the payee that things happen to more often.
    uint256 internal focus;
    address internal focusPayee;

    function openPurse(uint256 seed) external act(seed) {
        if (purses.length >= MOST_PURSES) return _reopen();
        address[4] memory owners = [honest, restored, cheat, rogue];
        uint256 who = _pick(4);
        address owner = owners[who];
        address circle = who == 3 && _chance(2) ? rogue : circles[_pick(circles.length)];
        _openPurse(owner, _between(0, 1000), _between(0, 1000), _between(1, 5), circle);
    }

    function _openPurse(address owner, uint96 funds, uint96 pledge, uint96 coverCount, address circle)
        internal
    {
        address key = person(string(abi.encodePacked("device", vm.toString(purses.length))));
        bytes memory data = abi.encodeCall(
            offpay.openPurse, (key, funds, pledge, uint16(coverCount), circle, signPurseKey(key, owner))
        );
        bool due = pledge != 0 && _freeCollateral(owner) >= pledge && offpay.balanceOf(owner) >= funds
            && _securityOf(owner).registeredAt != 0;
        bool ok = _do(owner, data);
        _require(22, ok == due, "opening a purse");
        if (!ok) return;
        Purse storage purse = purses.push();
        purse.key = key;
        purse.owner = owner;
        purse.circle = circle;
        purse.coverCount = coverCount;
        purse.funds = funds;
        purse.pledge = pledge;
        _match(purses.length - 1);
    }

    /// @dev Whatever became of a purse, its key opens no other, for nobody.
    function _reopen() private {
        uint256 i = _pick(purses.length);
        address owner = _chance(2) ? purses[i].owner : _someone();
        address key = purses[i].key;
        bytes memory data =
            abi.encodeCall(offpay.openPurse, (key, 0, 1, 1, circles[_pick(4)], signPurseKey(key, owner)));
        _require(17, !_do(owner, data), "a used key opened a purse");
        _hit(purses[i].closed ? bytes32("reopening a closed key") : bytes32("reopening an open key"));
    }

    function topUpPurse(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        Purse storage purse = purses[i];
        uint256 balance = offpay.balanceOf(purse.owner);
        uint96 amount = _between(1, _min(balance, 600));
        bool ok = _do(purse.owner, abi.encodeCall(offpay.topUpPurse, (purse.key, amount)));
        _require(22, ok == (!purse.closed && amount <= balance), "topping up");
        if (!ok) return;
        purse.funds += amount;
        if (purse.defaulted) _hit("topped up after a default");
        _match(i);
    }

    function addPledge(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        Purse storage purse = purses[i];
        uint256 free = _freeCollateral(purse.owner);
        uint96 amount = _between(1, _min(free, 300));
        bool ok = _do(purse.owner, abi.encodeCall(offpay.addPledge, (purse.key, amount)));
        _require(22, ok == (!purse.closed && !purse.defaulted && amount <= free), "adding to a pledge");
        if (!ok) return;
        purse.pledge += amount;
        _hit("pledge added");
        _match(i);
    }

    function requestPurseClose(uint256 seed) external act(seed) {
        // Not too often: a purse that closes issues no promises.
        if (_chance(2)) _requestClose(_somePurse());
    }

    function _requestClose(uint256 i) internal {
        Purse storage purse = purses[i];
        bool ok = _do(purse.owner, abi.encodeCall(offpay.requestPurseClose, (purse.key)));
        _require(16, ok == (!purse.closed && purse.closesAt == 0), "a close can be requested once");
        if (ok) purse.closesAt = time + DELAY;
        _match(i);
    }

    /// @dev Prefers a purse whose time has come.
    function closePurse(uint256 seed) external act(seed) {
        uint256 i = _somePurse();
        for (uint256 k; k < purses.length; ++k) {
            uint256 other = (i + k) % purses.length;
            if (_closable(other)) {
                i = other;
                break;
            }
        }
        _close(i, _someone());
    }

    function _closable(uint256 i) internal view returns (bool) {
        Purse storage purse = purses[i];
        return !purse.closed && purse.closesAt != 0 && time >= purse.closesAt && _inDefault(i) == 0;
    }

    function _close(uint256 i, address by) internal {
        Purse storage purse = purses[i];
        address owner = purse.owner;
        uint256 balance = offpay.balanceOf(owner);
        uint256 free = _freeCollateral(owner);
        uint256 treasury = offpay.balanceOf(TREASURY);
        address liable = purse.condemned ? owner : address(0);
        bool ok = _do(by, liable, Pays.Nothing, abi.encodeCall(offpay.closePurse, (purse.key)));
        _require(21, ok == _closable(i), "a purse closes if and only if it is due and no pair is in default");
        if (!ok) return;

        (, uint256 had,) = _claims(i, address(0));
        uint256 left = purse.pledge - had;
        uint256 forfeited = offpay.balanceOf(TREASURY) - treasury;
        uint256 released = _freeCollateral(owner) - free;
        _require(12, released == (purse.condemned ? 0 : left), "what was released of a pledge");
        _require(11, forfeited == (purse.condemned ? left : 0), "what was forfeited of a pledge");
        _require(21, offpay.balanceOf(owner) == balance + purse.funds - purse.paid, "the rest of a purse");
        purse.forfeited = forfeited;
        purse.funds = purse.paid;
        purse.closed = true;
        _hit(purse.condemned ? bytes32("condemned purse closed") : bytes32("healthy purse closed"));
        if (purse.defaulted && !purse.condemned) _hit("cured purse closed");
        _match(i);
    }

    /// @dev Somebody else tries what only the owner may do.
    function intrude(uint256 seed) external act(seed) {
        Purse storage purse = purses[_pick(purses.length)];
        address who = _someone();
        if (who == purse.owner) return;
        uint256 kind = _pick(4);
        bytes memory data;
        if (kind == 0) data = abi.encodeCall(offpay.topUpPurse, (purse.key, 1));
        else if (kind == 1) data = abi.encodeCall(offpay.addPledge, (purse.key, 1));
        else if (kind == 2) data = abi.encodeCall(offpay.requestPurseClose, (purse.key));
        else data = abi.encodeCall(offpay.makeGood, (purse.key, payees, type(uint96).max));
        _require(19, !_do(who, data), "a stranger did what only a purse's owner may do");
    }

    /// @dev Any purse but the bystander's, which is the first. The one in focus more often, so that it has a history.
    function _somePurse() internal returns (uint256) {
        if (focus == 0 || purses[focus].closed || _chance(16)) _refocus();
        return _chance(3) ? 1 + _pick(purses.length - 1) : focus;
    }

    /// @dev An honest purse has less of a history.
    function _refocus() private {
        for (uint256 k; k < 8; ++k) {
            focus = 1 + _pick(purses.length - 1);
            if (!purses[focus].closed && (purses[focus].owner != honest || _chance(4))) break;
        }
        focusPayee = payees[_pick(6)];
    }

    /// @dev The same for whom it pays.
    function _somePayee() internal returns (address) {
        if (focus != 0 && _chance(3)) return focusPayee;
        // Those who belong to a circle more often than the rest.
        return payees[_pick(_chance(2) ? 6 : payees.length)];
    }
}
