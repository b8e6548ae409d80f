// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidSignature} from "../../src/types/Errors.sol";
import {ContractAccount} from "../shared/ContractAccount.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev Whose signature runs a relay: ECDSA first, then ERC-1271.
contract RelayAccountsTest is Fixture {
    address private alice = person("alice");
    address private mallory = person("mallory");
    bytes[] private calls;
    uint40 private deadline;

    function setUp() public override {
        super.setUp();
        track(mallory);
        calls.push(abi.encodeCall(offpay.transfer, (mallory, 1)));
        deadline = now40();
    }

    function digest(address account) private view returns (bytes32) {
        return relayDigest(account, calls, 0, deadline);
    }

    function run(address account, bytes memory signature) private {
        offpay.relay(account, calls, 0, deadline, signature);
        assertEq(offpay.balanceOf(mallory), 1);
        checkBooks();
    }

    function expectRefused(address account, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, account));
        offpay.relay(account, calls, 0, deadline, signature);
    }

    // --- An ordinary account

    function test_accountSignsInEitherForm() public {
        give(alice, 2);
        uint256 snapshot = vm.snapshotState();
        run(alice, sign(alice, digest(alice)));
        vm.revertToState(snapshot);
        (bytes32 r, bytes32 vs) = signCompact(alice, digest(alice));
        run(alice, abi.encodePacked(r, vs));
    }

    function test_othersDoNotSignForAnAccount() public {
        give(alice, 2);
        expectRefused(alice, sign(mallory, digest(alice)));
        expectRefused(alice, "");
        expectRefused(alice, new bytes(65));
    }

    /// @dev Attack: acting for zero with a signature that recovers to it.
    function test_zeroIsNoAccount() public {
        give(address(0xdead), 1);
        expectRefused(address(0), "");
        expectRefused(address(0), new bytes(64));
        expectRefused(address(0), new bytes(65));
    }

    /// @dev Attack: a signature made malleable, to run what was signed in another form.
    function test_highSIsRefused() public {
        give(alice, 2);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[alice], digest(alice));
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        expectRefused(alice, abi.encodePacked(r, high, v == 27 ? 28 : 27));
    }

    // --- A smart account

    function test_smartAccountActsByItsOwnersSignature() public {
        address account = address(new ContractAccount(alice));
        give(account, 2);
        run(account, sign(alice, digest(account)));
        assertEq(offpay.balanceOf(account), 1);
        assertTrue(offpay.isNonceUsed(account, 0));
    }

    function test_smartAccountThatRefusesIsNotActedFor() public {
        address account = address(new ContractAccount(alice));
        give(account, 2);
        expectRefused(account, sign(mallory, digest(account)));
        // Nor by what its owner signed for itself.
        expectRefused(account, sign(alice, digest(alice)));
    }

    function test_contractWithoutIsValidSignatureIsNotActedFor() public {
        give(address(token), 2);
        expectRefused(address(token), sign(alice, digest(address(token))));
    }

    /// @dev Attack: acting for the contract itself, or for a precompile that answers with what it is asked.
    function test_contractItselfAndPrecompilesAreNotActedFor() public {
        expectRefused(address(offpay), sign(alice, digest(address(offpay))));
        for (uint160 i = 1; i < 18; ++i) {
            bytes memory signature = sign(alice, digest(address(i)));
            vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, address(i)));
            // A precompile may burn all the gas that it is given.
            offpay.relay{gas: 1_000_000}(address(i), calls, 0, deadline, signature);
        }
    }

    // --- An account as EIP-7702 makes it: code, and a key

    function test_delegatedAccountActsByItsOwnKeyWhateverItsCodeSays() public {
        give(alice, 2);
        // Code that takes mallory's signature alone.
        vm.etch(alice, address(new ContractAccount(mallory)).code);
        run(alice, sign(alice, digest(alice)));
    }

    function test_delegatedAccountActsByWhatItsCodeAcceptsToo() public {
        give(alice, 2);
        address session = person("session key");
        vm.etch(alice, address(new ContractAccount(session)).code);
        expectRefused(alice, sign(mallory, digest(alice)));
        run(alice, sign(session, digest(alice)));
    }

    function test_delegatedAccountWhoseCodeRefusesAllIsNotActedForByOthers() public {
        give(alice, 2);
        vm.etch(alice, hex"60006000fd");
        expectRefused(alice, sign(mallory, digest(alice)));
        run(alice, sign(alice, digest(alice)));
    }
}
