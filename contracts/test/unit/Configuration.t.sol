// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidConfiguration} from "../../src/types/Errors.sol";
import {Configuration} from "../../src/types/Types.sol";
import {OffPay} from "../../src/OffPay.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev What is fixed at deployment, and its bounds.
contract ConfigurationTest is Fixture {
    function good() private view returns (Configuration memory) {
        return configuration(address(token));
    }

    function expectRefused(Configuration memory c) private {
        vm.expectRevert(InvalidConfiguration.selector);
        deploy(c);
    }

    function testFuzz_keepsWhatItWasDeployedWith(
        uint40 period,
        uint40 delay,
        uint96 healthy,
        uint16 open,
        uint16 circle
    ) public {
        Configuration memory c = good();
        c.settlementPeriod = uint40(bound(period, 1, 30 days));
        c.closeDelay = uint40(bound(delay, 2 * c.settlementPeriod, 365 days));
        c.healthyCollateral = uint96(bound(healthy, 1, type(uint96).max));
        c.openPenaltyBps = uint16(bound(open, 0, 10_000));
        c.circlePenaltyBps = uint16(bound(circle, 0, 10_000));
        OffPay deployed = deploy(c);
        assertEq(deployed.token(), address(token));
        assertEq(deployed.treasury(), treasury);
        assertEq(deployed.SETTLEMENT_PERIOD(), c.settlementPeriod);
        assertEq(deployed.CLOSE_DELAY(), c.closeDelay);
        assertEq(deployed.HEALTHY_COLLATERAL(), c.healthyCollateral);
        assertEq(deployed.OPEN_PENALTY_BPS(), c.openPenaltyBps);
        assertEq(deployed.CIRCLE_PENALTY_BPS(), c.circlePenaltyBps);
    }

    function test_tokenMustBeAContract() public {
        Configuration memory c = good();
        c.token = makeAddr("no code");
        expectRefused(c);
        c.token = address(0);
        expectRefused(c);
    }

    function test_treasuryMustBeSet() public {
        Configuration memory c = good();
        c.treasury = address(0);
        expectRefused(c);
    }

    /// @dev What is credited to the contract itself could never leave it.
    function test_treasuryMustNotBeTheContractItself() public {
        Configuration memory c = good();
        c.treasury = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        expectRefused(c);
    }

    function test_settlementPeriodIsOneSecondTo30Days() public {
        Configuration memory c = good();
        c.settlementPeriod = 0;
        expectRefused(c);
        c.settlementPeriod = 30 days + 1;
        c.closeDelay = 365 days;
        expectRefused(c);
        c.settlementPeriod = 30 days;
        deploy(c);
        c.settlementPeriod = 1;
        deploy(c);
    }

    function test_closeDelayIsAtLeastTwiceTheSettlementPeriod() public {
        Configuration memory c = good();
        c.closeDelay = 2 * PERIOD - 1;
        expectRefused(c);
        c.closeDelay = 2 * PERIOD;
        deploy(c);
    }

    function test_closeDelayIsAtMostAYear() public {
        Configuration memory c = good();
        c.closeDelay = 365 days + 1;
        expectRefused(c);
        c.closeDelay = 365 days;
        deploy(c);
    }

    function test_healthyCollateralMustBeSet() public {
        Configuration memory c = good();
        c.healthyCollateral = 0;
        expectRefused(c);
    }

    function test_openPenaltyIsAtMostAll() public {
        Configuration memory c = good();
        c.openPenaltyBps = 10_001;
        expectRefused(c);
        c.openPenaltyBps = 10_000;
        deploy(c);
    }

    function test_circlePenaltyIsAtMostAll() public {
        Configuration memory c = good();
        c.circlePenaltyBps = 10_001;
        expectRefused(c);
        c.circlePenaltyBps = 10_000;
        deploy(c);
    }

    function test_domainIsOffPay1OnThisChainAtThisAddress() public view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = offpay.eip712Domain();
        assertEq(fields, hex"0f");
        assertEq(name, "OffPay");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, address(offpay));
        assertEq(salt, bytes32(0));
        assertEq(extensions.length, 0);
    }

    /// @dev One contract for one token: money comes in through `deposit` alone.
    function test_takesNoEther() public {
        vm.deal(address(this), 1 ether);
        (bool taken,) = address(offpay).call{value: 1}("");
        assertFalse(taken);
    }
}
