// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Suite} from "./Suite.sol";

/// @title Registrations, circles, closing times, and what may be used only once
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.shrink-run-limit = 500
contract AccountInvariants is Suite {
    function weigh() internal override {
        addAccounts(2);
        addCircles(3);
        addPurses(2);
        addPayments(1);
        addChannels(1);
        addRelays(2);
        add(4, handler.wait.selector);
        expectDeepCircles();
        expect("reopening a closed key");
    }

    function invariant_C14_registeredWhileHealthy() public view {
        holds(handler.auditRegistrations());
    }

    function invariant_C15_circleSizeIsARecount() public view {
        holds(handler.auditCircles());
    }

    function invariant_C16_closesAtNeverMoves() public view {
        holds(handler.broken(16));
    }

    function invariant_C17_keysAndIdsAreUsedOnce() public view {
        holds(handler.broken(17));
    }

    function invariant_C18_noncesAreUsedOnce() public view {
        holds(handler.broken(18));
    }
}
