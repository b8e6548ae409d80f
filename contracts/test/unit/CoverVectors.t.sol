// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Configuration} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev The Rust core and the contract agree on what one payee can claim, to the last unit.
contract CoverVectorsTest is Fixture {
    uint96 private constant MAX = type(uint96).max;

    address private circle = person("circle");
    address private friend = person("friend");
    address private victim = person("victim");
    address private owner;
    address private device;

    function start(uint16 penaltyBps) private {
        Configuration memory c = configuration(address(token));
        (c.circlePenaltyBps, c.healthyCollateral) = (penaltyBps, 1);
        offpay = deploy(c);
        admit(circle, victim);
        skip(DELAY);
    }

    /// @dev As much again as all that the contract can hold: what it holds is taken away by another hand.
    function makeRoom() private {
        deal(address(token), address(offpay), 0);
        deal(address(token), owner, 0);
    }

    /// @dev What a payee that is owed 2^96 - 1 reserves.
    function cover(uint96 pledge, uint16 coverCount) private returns (uint96) {
        register(owner, pledge);
        makeRoom();
        give(owner, MAX);
        openPurse(owner, device, MAX, pledge, coverCount, circle);
        settle(device, payment(friend, 0, MAX, MAX));
        settle(device, payment(victim, 0, MAX, MAX));
        makeRoom();
        return offpay.pairOf(device, victim).reserved;
    }

    function test_covers() public {
        string memory json = vm.readFile("../crates/protocol/vectors.json");
        uint256 checked;
        uint256 penaltyBefore = type(uint256).max;
        for (uint256 i; vm.keyExistsJson(json, item(i, "")); ++i) {
            uint96 pledge = uint96(vm.parseJsonUint(json, item(i, ".pledge")));
            // A purse without pledge is not opened.
            if (pledge == 0) continue;
            uint256 penalty = vm.parseJsonUint(json, item(i, ".penaltyBps"));
            if (penalty != penaltyBefore) start(uint16(penalty));
            penaltyBefore = penalty;
            owner = person(string.concat("owner ", vm.toString(i)));
            device = person(string.concat("device ", vm.toString(i)));
            uint16 coverCount = uint16(vm.parseJsonUint(json, item(i, ".coverCount")));
            assertEq(cover(pledge, coverCount), vm.parseJsonUint(json, item(i, ".cover")));
            ++checked;
        }
        assertGt(checked, 100);
    }

    function item(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".cover[", vm.toString(i), "]", field);
    }
}
