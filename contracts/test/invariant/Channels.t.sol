// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Suite} from "./Suite.sol";

/// @title Channels pay out what went in, and honest parties get what they are due
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.shrink-run-limit = 500
contract ChannelInvariants is Suite {
    function weigh() internal override {
        addChannels(3);
        expectDeepChannels();
        addRelays(1);
        add(2, handler.deposit.selector);
        add(6, handler.wait.selector);
    }

    function invariant_C1_solvency() public view {
        holds(handler.auditSolvency());
        holds(handler.auditConservation());
    }

    /// @dev Only here are channels finished often enough to be opened anew.
    function invariant_C17_keysAndIdsAreUsedOnce() public view {
        holds(handler.broken(17));
    }

    function invariant_C23_channelsPayOutTheirDeposits() public view {
        holds(handler.broken(23));
    }

    function invariant_C24_honestPartiesGetTheirDue() public view {
        holds(handler.broken(24));
    }
}
