// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Handler} from "./handler/Handler.sol";

/// @title What the suites share
/// @notice Each suite weighs the handler's actions in its own way: an action named twice is taken twice as often. The
/// numbers of the invariants are those of docs/invariants.md.
abstract contract Suite is Test {
    /// @dev Histories in `test_everyPathIsTaken`, and the steps of each: as deep as the campaigns.
    uint256 private constant HISTORIES = 40;
    uint256 private constant STEPS = 128;

    Handler internal handler;
    bytes4[] internal actions;
    bytes32[] internal paths;

    function setUp() public virtual {
        // Out of the artifacts: a `new` would compile the handler again into every suite.
        handler = Handler(deployCode("Handler.sol:Handler"));
        weigh();
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    /// @dev Fills `actions`, and `paths` with what these must reach.
    function weigh() internal virtual;

    /// @notice The histories that the invariants are checked on are worth it: with numbers that never change, every
    /// path that the suite is about is taken, nothing breaks, and everybody gets out in the end.
    function test_everyPathIsTaken() public {
        vm.pauseGasMetering();
        uint256[] memory counts = new uint256[](paths.length);
        uint256 start = vm.snapshotState();
        for (uint256 history; history < HISTORIES; ++history) {
            for (uint256 step; step < STEPS; ++step) {
                uint256 seed = uint256(keccak256(abi.encode(history, step)));
                (bool ok,) =
                    address(handler).call(abi.encodeWithSelector(actions[seed % actions.length], seed));
                assertTrue(ok, "an action of the handler reverted");
            }
            for (uint256 k; k < paths.length; ++k) {
                counts[k] += handler.reached(paths[k]);
            }
            handler.endgame();
            for (uint256 id = 1; id < 30; ++id) {
                holds(handler.broken(id));
            }
            vm.revertToState(start);
        }
        for (uint256 k; k < paths.length; ++k) {
            emit log_named_uint(string(abi.encodePacked(paths[k])), counts[k]);
        }
        for (uint256 k; k < paths.length; ++k) {
            assertGt(counts[k], 0, string(abi.encodePacked("never taken: ", paths[k])));
        }
    }

    function holds(string memory fault) internal pure {
        assertEq(fault, "");
    }

    function add(uint256 times, bytes4 action) internal {
        for (uint256 i; i < times; ++i) {
            actions.push(action);
        }
    }

    function expect(bytes32 path) internal {
        paths.push(path);
    }

    function addAccounts(uint256 times) internal {
        add(times, handler.deposit.selector);
        add(times, handler.register.selector);
        add(times, handler.lockCollateral.selector);
        add(times, handler.withdraw.selector);
        add(times, handler.withdrawCollateral.selector);
        add(times, handler.transfer.selector);
        add(times, handler.sweep.selector);
        add(times, handler.donate.selector);
        expect("permit");
        expect("withdrawn");
        expect("collateral withdrawn");
        expect("till swept");
    }

    function addCircles(uint256 times) internal {
        add(2 * times, handler.admit.selector);
        add(times, handler.dismiss.selector);
        add(times, handler.expel.selector);
        add(times, handler.prune.selector);
        expect("dismissed");
    }

    function addPurses(uint256 times) internal {
        add(2 * times, handler.openPurse.selector);
        add(2 * times, handler.topUpPurse.selector);
        add(times, handler.addPledge.selector);
        add(times, handler.requestPurseClose.selector);
        add(2 * times, handler.closePurse.selector);
        add(times, handler.intrude.selector);
        expect("pledge added");
        expect("healthy purse closed");
        expect("reopening an open key");
    }

    /// @dev The way into default and out of it.
    function addPayments(uint256 times) internal {
        add(3 * times, handler.pay.selector);
        add(times, handler.drain.selector);
        add(5 * times, handler.present.selector);
        add(times, handler.makeGood.selector);
        add(2 * times, handler.resolve.selector);
        add(3 * times, handler.wait.selector);
        add((times + 1) / 2, handler.report.selector);
        expect("settled in full");
        expect("batch");
        expect("packed batch");
        expect("drained");
        expect("double spend reported");
        expect("default");
        expect("reserved");
        expect("not a member");
        expect("made good");
        expect("resolved from collateral");
        expect("resolved with nothing");
        expect("condemned");
        expect("condemned purse closed");
    }

    function expectDeepCircles() internal {
        expect("dismissal taken back");
        expect("pruned");
        expect("no longer registered");
    }

    /// @dev What takes a long history.
    function expectDeepDefaults() internal {
        expect("default grew");
        expect("again in default");
        expect("again after collateral");
        expect("resolved, nothing new");
        expect("topped up after a default");
        expect("no room left");
        expect("was a member once");
        expect("made good in the last second");
        expect("cured by settling");
        expect("cured purse closed");
        expect("promise on an old certificate");
        expect("promise in default");
    }

    function addPromises(uint256 times) internal {
        add(3 * times, handler.takePromise.selector);
        add(times, handler.handIn.selector);
        expect("promise");
        expect("promise by a cheat");
        expect("promise settled");
    }

    function addChannels(uint256 times) internal {
        add(times, handler.openChannel.selector);
        add(times, handler.fundChannel.selector);
        add(3 * times, handler.signVoucher.selector);
        add(2 * times, handler.showVoucher.selector);
        add(times, handler.requestChannelClose.selector);
        add(times, handler.agreeOnClose.selector);
        add(times, handler.closeTogether.selector);
        add(2 * times, handler.finalizeChannel.selector);
        expect("voucher to an honest party");
        expect("voucher to a cheat");
        expect("voucher above the deposit");
        expect("voucher batch");
        expect("one-way channel finalized");
        expect("channel closed together");
    }

    function expectDeepChannels() internal {
        expect("two-way channel finalized");
        expect("stale voucher");
        expect("presented in the last second");
        expect("reopening an open channel");
        expect("reopening a closed channel");
    }

    function addRelays(uint256 times) internal {
        add(times, handler.relayWithFee.selector);
        add(times, handler.replay.selector);
        add(times, handler.forge.selector);
        add(times, handler.cancelNonce.selector);
        expect("relayed");
        expect("replayed");
        expect("nonce given up");
    }
}
