// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPay} from "../../../src/OffPay.sol";
import {OffPayToken} from "../../../src/OffPayToken.sol";
import {Configuration} from "../../../src/types/Types.sol";
import {Signing} from "../../shared/Signing.sol";

/// @title The world that the handler acts in
/// @notice The real OffPay with the real token; people of every kind; a clock; a source of chance; and the record of
/// what was reached and of what broke. Amounts are small, so that roundings and limits are met often.
abstract contract World is Signing {
    uint256 internal constant PERIOD = 1 days;
    uint256 internal constant DELAY = 7 days;
    uint256 internal constant HEALTHY = 100;
    uint256 internal constant BPS = 10_000;
    uint256 internal constant OPEN_PENALTY = 5000;
    uint256 internal constant CIRCLE_PENALTY = 1000;
    address internal constant TREASURY = address(0x7EA5);

    OffPay public offpay;
    OffPayToken public token;

    /// @dev Signs through one serial allocator.
    address internal honest = person("honest");
    /// @dev Its device was restored: signs anything, and makes good within the settlement period.
    address internal restored = person("restored");
    /// @dev Signs anything and makes good when it likes.
    address internal cheat = person("cheat");
    /// @dev The same, and a circle of its own besides.
    address internal rogue = person("rogue");
    /// @dev Accounts of the cheats.
    address internal sock0 = person("sock0");
    address internal sock1 = person("sock1");
    /// @dev Honest payees.
    address internal anna = person("anna");
    address internal bert = person("bert");
    address internal cleo = person("cleo");
    /// @dev A till of cleo's.
    address internal till;
    /// @dev Circles.
    address internal market = person("market");
    address internal city = person("city");
    /// @dev Owns an account and a purse, and never does anything.
    address internal bystander = person("bystander");

    /// @dev All that can hold money; those of them that act; those that are paid; those that admit members.
    address[] internal accounts;
    address[] internal actors;
    address[] internal payees;
    address[] internal circles;

    /// @notice What went wrong first, by the number of the invariant in docs/invariants.md.
    mapping(uint256 id => string) public broken;
    /// @notice How often a path was taken.
    mapping(bytes32 path => uint256) public reached;

    /// @dev The clock: the optimizer may move `block.timestamp` across `vm.warp`.
    uint256 internal time = 1_800_000_000;
    uint256 private entropy;

    /// @dev Every action starts here: the fuzzer's number decides all that the action chooses.
    modifier act(uint256 seed) {
        entropy = seed;
        vm.warp(time);
        _;
    }

    constructor() {
        vm.warp(time);
        token = new OffPayToken(address(this));
        Configuration memory c = Configuration(
            address(token), TREASURY, uint40(PERIOD), uint40(DELAY), uint96(HEALTHY), 5000, 1000
        );
        offpay = OffPay(deployCode("OffPay.sol:OffPay", abi.encode(c)));
        till = offpay.tillOf(cleo, 0);
        actors = [honest, restored, cheat, rogue, sock0, sock1, anna, bert, cleo, market, city];
        payees = [anna, bert, cleo, till, sock0, sock1, cheat, honest];
        circles = [market, city, rogue, address(0)];
        // Payees first: payee j is account j.
        accounts = [anna, bert, cleo, till, sock0, sock1, cheat, honest];
        accounts.push(restored);
        accounts.push(rogue);
        accounts.push(market);
        accounts.push(city);
        accounts.push(bystander);
        accounts.push(TREASURY);
        for (uint256 i; i < accounts.length; ++i) {
            token.mint(accounts[i], 1e15);
            vm.prank(accounts[i]);
            token.approve(address(offpay), type(uint256).max);
        }
    }

    function verifier() internal view override returns (address) {
        return address(offpay);
    }

    function _isCheat(address who) internal view returns (bool) {
        return who == cheat || who == rogue || who == sock0 || who == sock1;
    }

    // --- Chance

    /// @dev 0 up to `n - 1`; 0 if `n` is 0.
    function _pick(uint256 n) internal returns (uint256) {
        unchecked {
            ++entropy;
        }
        return n == 0 ? 0 : uint256(keccak256(abi.encode(entropy))) % n;
    }

    function _chance(uint256 oneIn) internal returns (bool) {
        return _pick(oneIn) == 0;
    }

    /// @dev `low` to `high`, and the ends more often than the rest; `low` if there is nothing between.
    function _between(uint256 low, uint256 high) internal returns (uint96) {
        if (high <= low) return uint96(low);
        uint256 edge = _pick(8);
        if (edge == 0) return uint96(low);
        if (edge == 1) return uint96(high);
        return uint96(low + _pick(high - low + 1));
    }

    function _someone() internal returns (address) {
        return actors[_pick(actors.length)];
    }

    // --- The record

    function _hit(bytes32 path) internal {
        ++reached[path];
    }

    function _broke(uint256 id, string memory why) internal {
        if (bytes(broken[id]).length == 0) broken[id] = why;
    }

    function _require(uint256 id, bool holds, string memory why) internal {
        if (!holds) _broke(id, why);
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function _equal(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
