// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Suite} from "./Suite.sol";

/// @title Money is neither made nor lost, and nobody touches another's
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.shrink-run-limit = 500
contract MoneyInvariants is Suite {
    function weigh() internal override {
        addAccounts(1);
        addCircles(1);
        addPurses(1);
        addPayments(2);
        addPromises(1);
        addChannels(1);
        addRelays(1);
    }

    function invariant_C1_solvency() public view {
        holds(handler.auditSolvency());
    }

    function invariant_C2_conservation() public view {
        holds(handler.auditConservation());
    }

    function invariant_C3_pursesPayNoMoreThanTheirFunds() public view {
        holds(handler.auditFunds());
        holds(handler.broken(3));
    }

    function invariant_C4_paidToOnlyRisesByWhatIsCredited() public view {
        holds(handler.broken(4));
    }

    function invariant_C13_pledgesAreCovered() public view {
        holds(handler.auditPledges());
    }

    function invariant_C19_strangersLowerNobodysMoney() public view {
        holds(handler.broken(19));
    }

    function invariant_C20_bystandersAreLeftAlone() public view {
        holds(handler.auditBystander());
    }
}
