// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Suite} from "./Suite.sol";

/// @title Collateral: what payees are sure of, what cheats lose, what honest payers keep
/// forge-config: default.invariant.runs = 32
/// forge-config: default.invariant.depth = 128
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
/// forge-config: default.invariant.shrink-run-limit = 500
contract DefaultInvariants is Suite {
    function weigh() internal override {
        addCircles(1);
        addPurses(1);
        addPayments(2);
        addPromises(2);
        expectDeepDefaults();
        add(1, handler.deposit.selector);
        add(2, handler.withdrawCollateral.selector);
    }

    function invariant_C5_honestPayersLoseNothing() public view {
        holds(handler.auditHonest());
    }

    function invariant_C6_makingGoodInTimeSavesThePledge() public view {
        holds(handler.auditRestored());
    }

    function invariant_C7_guaranteedPaymentsArePaid() public view {
        holds(handler.auditPromises());
    }

    function invariant_C8_theFirstClaimantsGetTheirCover() public view {
        holds(handler.auditFirstClaims());
    }

    function invariant_C9_oneCoverAndNoMoreThanOwed() public view {
        holds(handler.auditCovers());
    }

    function invariant_C10_claimsStayBelowThePayableShare() public view {
        holds(handler.auditReservations());
    }

    function invariant_C11_cheatsLoseThePenalty() public view {
        holds(handler.auditPenalties());
    }

    function invariant_C12_condemnedPledgesNeverReturn() public view {
        holds(handler.broken(12));
    }

    function invariant_C22_pursesAreAsTheProtocolSays() public view {
        holds(handler.auditModel());
    }

    function invariant_C25_termsOnlyImprove() public view {
        holds(handler.broken(25));
    }
}
