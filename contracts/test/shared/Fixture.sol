// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPay} from "../../src/OffPay.sol";
import {OffPayToken} from "../../src/OffPayToken.sol";
import {ChannelState, ChannelTerms, Configuration, Payment, PurseState} from "../../src/types/Types.sol";
import {Signing} from "./Signing.sol";

/// @title A deployed OffPay, people with keys, and the books
/// @notice Helpers act for the person they name and track whoever can hold money, so that `checkBooks` can compare
/// what the contract owes with what it has.
abstract contract Fixture is Signing {
    uint40 internal constant PERIOD = 1 days;
    uint40 internal constant DELAY = 7 days;
    uint96 internal constant HEALTHY = 100e18;
    uint16 internal constant OPEN_PENALTY = 5000;
    uint16 internal constant CIRCLE_PENALTY = 1000;

    OffPayToken internal token;
    OffPay internal offpay;
    address internal treasury = makeAddr("treasury");

    address[] private accounts;
    address[] private purses;
    ChannelTerms[] private channels;
    mapping(bytes32 id => bool) private tracked;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = new OffPayToken(address(this));
        offpay = deploy(address(token));
        track(treasury);
    }

    function configuration(address token_) internal view returns (Configuration memory) {
        return Configuration(token_, treasury, PERIOD, DELAY, HEALTHY, OPEN_PENALTY, CIRCLE_PENALTY);
    }

    function deploy(address token_) internal returns (OffPay) {
        return deploy(configuration(token_));
    }

    /// @dev The sources as the tests were compiled or, where OFFPAY_ARTIFACT names the file, the bytecode that is
    /// deployed. Never a `new`, which would compile the contract again into every test.
    function artifact() internal view returns (string memory) {
        return vm.envOr("OFFPAY_ARTIFACT", string("OffPay.sol:OffPay"));
    }

    function deploy(Configuration memory c) internal returns (OffPay deployed) {
        bytes memory code = abi.encodePacked(vm.getCode(artifact()), abi.encode(c));
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(address(deployed) != address(0), "not deployed");
    }

    function verifier() internal view override returns (address) {
        return address(offpay);
    }

    function now40() internal view returns (uint40) {
        // `block.timestamp` may be moved across `vm.warp` by the optimizer.
        return uint40(vm.getBlockTimestamp());
    }

    // --- Money

    /// @dev Tokens in the person's own hands, which OffPay may pull.
    function fund(address who, uint256 amount) internal {
        track(who);
        token.mint(who, amount);
        uint256 allowed = token.allowance(who, address(offpay));
        vm.prank(who);
        token.approve(address(offpay), allowed + amount);
    }

    /// @dev Free balance inside OffPay.
    function give(address who, uint96 amount) internal {
        if (amount == 0) return;
        fund(who, amount);
        vm.prank(who);
        offpay.deposit(amount);
    }

    function register(address who, uint96 collateral) internal {
        fund(who, collateral);
        vm.prank(who);
        offpay.register(collateral);
    }

    // --- Circles, purses and payments

    function admit(address circle, address payee) internal {
        vm.prank(circle);
        offpay.admit(payee);
    }

    function openPurse(
        address owner,
        address device,
        uint96 funds,
        uint96 pledge,
        uint16 coverCount,
        address circle
    ) internal {
        if (isNew(keccak256(abi.encode("purse", device)))) purses.push(device);
        bytes memory keySignature = signPurseKey(device, owner);
        vm.prank(owner);
        offpay.openPurse(device, funds, pledge, coverCount, circle, keySignature);
    }

    function settle(address device, Payment memory p) internal {
        track(p.payee);
        offpay.settlePayment(p, signPayment(device, p));
    }

    // --- Channels

    function oneWay(address a, address b, address keyA) internal pure returns (ChannelTerms memory) {
        return ChannelTerms(a, b, keyA, address(0), DELAY, bytes32(0));
    }

    function twoWay(address a, address b, address keyA, address keyB)
        internal
        pure
        returns (ChannelTerms memory)
    {
        return ChannelTerms(a, b, keyA, keyB, DELAY, bytes32(0));
    }

    function openChannel(ChannelTerms memory t, uint96 deposit) internal {
        track(t.b);
        if (isNew(keccak256(abi.encode("channel", t)))) channels.push(t);
        vm.prank(t.a);
        offpay.openChannel(t, deposit);
    }

    // --- Relays

    /// @dev Runs one call for an account that signed it, brought by this test.
    function relayOne(address account, bytes memory call, uint256 nonce) internal {
        bytes[] memory calls = new bytes[](1);
        calls[0] = call;
        uint40 deadline = now40() + 1 hours;
        offpay.relay(account, calls, nonce, deadline, signRelay(account, calls, nonce, deadline));
    }

    // --- What must not happen

    /// @dev From here on, `assertNoEvents` and `assertNoWrites` watch.
    function watch() internal {
        vm.recordLogs();
        vm.record();
    }

    function assertNoEvents() internal {
        assertEq(vm.getRecordedLogs().length, 0, "an event");
    }

    function assertNoWrites() internal {
        (, bytes32[] memory writes) = vm.accesses(address(offpay));
        assertEq(writes.length, 0, "a write");
    }

    // --- Books

    function track(address who) internal {
        if (isNew(keccak256(abi.encode("account", who)))) accounts.push(who);
    }

    function isNew(bytes32 id) private returns (bool fresh) {
        fresh = !tracked[id];
        tracked[id] = true;
    }

    /// @dev Everything that OffPay owes to those it is known to owe.
    function owedToAll() internal view returns (uint256 total) {
        for (uint256 i; i < accounts.length; ++i) {
            total += offpay.balanceOf(accounts[i]) + offpay.securityOf(accounts[i]).collateral;
        }
        for (uint256 i; i < purses.length; ++i) {
            PurseState memory purse = offpay.purseOf(purses[i]);
            total += purse.funds - purse.paid;
        }
        for (uint256 i; i < channels.length; ++i) {
            ChannelState memory channel = offpay.channelOf(channelIdOf(channels[i]));
            if (!channel.open) continue;
            total += uint256(channel.depositA) + channel.depositB;
            // A one-way channel credits its vouchers as they come.
            if (channels[i].keyB == address(0)) total -= channel.fromA;
        }
    }

    /// @dev What the contract has is what it owes, to the last unit.
    function checkBooks() internal view {
        assertEq(token.balanceOf(address(offpay)), owedToAll(), "the books do not balance");
    }
}
