// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Suite} from "./Suite.sol";

/// @title Whatever happened, everybody gets out
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.shrink-run-limit = 500
contract ExitInvariants is Suite {
    function weigh() internal override {
        addAccounts(1);
        addCircles(1);
        addPurses(1);
        addPayments(3);
        addPromises(1);
        addChannels(1);
        add(1, handler.relayWithFee.selector);
    }

    function invariant_C21_exitsSucceedOnceDue() public view {
        holds(handler.broken(21));
    }

    /// @dev Every history ends with everybody leaving.
    function afterInvariant() public {
        handler.endgame();
        holds(handler.broken(21));
        holds(handler.auditPromises());
        holds(handler.auditPenalties());
        holds(handler.broken(24));
    }
}
