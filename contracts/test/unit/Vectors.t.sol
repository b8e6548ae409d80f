// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {MalformedPayment, NoConflict, UnknownPurse} from "../../src/types/Errors.sol";
import {ChannelTerms, Payment, Refusal} from "../../src/types/Types.sol";
import {Hashes} from "../../src/lib/Hashes.sol";
import {OffPay} from "../../src/OffPay.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev The vectors that the Rust core publishes: contract and core agree on every digest, signer, till, slot and
/// conflict. (And on every cover: see CoverVectors.)
contract VectorsTest is Scene {
    /// @param fields The message's fields, as `abi.encode` has them.
    struct Message {
        bytes fields;
        bytes32 structHash;
        bytes32 digest;
        address signer;
        bytes signature64;
        bytes signature65;
    }

    function setUp() public override {
        string memory json = read();
        vm.chainId(vm.parseJsonUint(json, ".domain.chainId"));
        super.setUp();
        address place = vm.parseJsonAddress(json, ".domain.verifyingContract");
        deployCodeTo(artifact(), abi.encode(configuration(address(token))), place);
        offpay = OffPay(place);
    }

    // --- Reading

    function read() private view returns (string memory) {
        return vm.readFile("../crates/protocol/vectors.json");
    }

    function item(string memory list, uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "].", field);
    }

    function has(string memory json, string memory list, uint256 i) private view returns (bool) {
        return vm.keyExistsJson(json, string.concat(".", list, "[", vm.toString(i), "]"));
    }

    function isOf(string memory json, uint256 i, string memory kind) private pure returns (bool) {
        return
            keccak256(bytes(vm.parseJsonString(json, item("messages", i, "type")))) == keccak256(bytes(kind));
    }

    /// @dev The published messages of a type.
    function messages(string memory kind) private view returns (Message[] memory found) {
        string memory json = read();
        found = new Message[](100);
        uint256 count;
        for (uint256 i; has(json, "messages", i); ++i) {
            if (!isOf(json, i, kind)) continue;
            Message memory m = found[count++];
            m.fields = vm.parseJsonBytes(json, item("messages", i, "abi"));
            m.structHash = vm.parseJsonBytes32(json, item("messages", i, "structHash"));
            m.digest = vm.parseJsonBytes32(json, item("messages", i, "digest"));
            m.signer = vm.parseJsonAddress(json, item("messages", i, "signer"));
            m.signature64 = vm.parseJsonBytes(json, item("messages", i, "signature64"));
            m.signature65 = vm.parseJsonBytes(json, item("messages", i, "signature65"));
        }
        assertGt(count, 0);
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    // --- Messages

    function test_domainSeparator() public view {
        assertEq(domainSeparator(address(offpay)), vm.parseJsonBytes32(read(), ".domainSeparator"));
    }

    function test_payments() public {
        Message[] memory all = messages("Payment");
        for (uint256 i; i < all.length; ++i) {
            Payment memory p = abi.decode(all[i].fields, (Payment));
            assertEq(offpay.paymentId(p), all[i].digest);
            assertEq(paymentDigest(p), all[i].digest);
            // Whom the contract takes for the signer.
            expectPaymentRefused(Refusal.UnknownPurse, all[i].signer);
            offpay.settlePayment(p, all[i].signature65);
            expectPaymentRefused(Refusal.UnknownPurse, all[i].signer);
            offpay.settlePayment(p, all[i].signature64);
        }
    }

    function test_purseKeys() public {
        Message[] memory all = messages("PurseKey");
        for (uint256 i; i < all.length; ++i) {
            address account = abi.decode(all[i].fields, (address));
            assertEq(Hashes.purseKey(account), all[i].structHash);
            assertEq(purseKeyDigest(account), all[i].digest);
            if (account == address(0)) continue;
            register(account, HEALTHY);
            vm.startPrank(account);
            uint256 snapshot = vm.snapshotState();
            offpay.openPurse(all[i].signer, 0, 1, 1, circle, all[i].signature65);
            vm.revertToState(snapshot);
            offpay.openPurse(all[i].signer, 0, 1, 1, circle, all[i].signature64);
            vm.stopPrank();
        }
    }

    function test_channelTerms() public view {
        Message[] memory all = messages("ChannelTerms");
        for (uint256 i; i < all.length; ++i) {
            ChannelTerms memory t = abi.decode(all[i].fields, (ChannelTerms));
            assertEq(offpay.channelId(t), all[i].digest);
            assertEq(channelIdOf(t), all[i].digest);
        }
    }

    function test_vouchers() public view {
        Message[] memory all = messages("Voucher");
        for (uint256 i; i < all.length; ++i) {
            (bytes32 channel, uint96 cumulative, bytes32 reference_) =
                abi.decode(all[i].fields, (bytes32, uint96, bytes32));
            assertEq(Hashes.voucher(channel, cumulative, reference_), all[i].structHash);
            assertEq(voucherDigest(channel, cumulative, reference_), all[i].digest);
        }
    }

    function test_channelCloses() public view {
        Message[] memory all = messages("ChannelClose");
        for (uint256 i; i < all.length; ++i) {
            (bytes32 channel, uint96 fromA, uint96 fromB, uint40 deadline) =
                abi.decode(all[i].fields, (bytes32, uint96, uint96, uint40));
            assertEq(Hashes.channelClose(channel, fromA, fromB, deadline), all[i].structHash);
            assertEq(channelCloseDigest(channel, fromA, fromB, deadline), all[i].digest);
        }
    }

    function test_relays() public view {
        Message[] memory all = messages("Relay");
        for (uint256 i; i < all.length; ++i) {
            (address account, bytes[] memory calls, uint256 nonce, uint40 deadline) =
                abi.decode(all[i].fields, (address, bytes[], uint256, uint40));
            assertEq(this.relayHash(account, calls, nonce, deadline), all[i].structHash);
            assertEq(relayDigest(account, calls, nonce, deadline), all[i].digest);
        }
    }

    function relayHash(address account, bytes[] calldata calls, uint256 nonce, uint40 deadline)
        external
        pure
        returns (bytes32)
    {
        return Hashes.relay(account, calls, nonce, deadline);
    }

    function test_refusedSignatures() public {
        string memory json = read();
        uint256 i;
        for (; has(json, "refused", i); ++i) {
            bytes memory signature = vm.parseJsonBytes(json, item("refused", i, "signature"));
            expectPaymentRefused(Refusal.BadSignature, address(0));
            offpay.settlePayment(first(alice, 5), signature);
        }
        assertGt(i, 0);
    }

    // --- Addresses and places

    function test_tills() public view {
        string memory json = read();
        assertEq(Hashes.TILL_TYPEHASH, vm.parseJsonBytes32(json, ".tillTypehash"));
        uint256 i;
        for (; has(json, "tills", i); ++i) {
            address account = vm.parseJsonAddress(json, item("tills", i, "owner"));
            uint256 index = vm.parseJsonUint(json, item("tills", i, "index"));
            assertEq(offpay.tillOf(account, index), vm.parseJsonAddress(json, item("tills", i, "till")));
        }
        assertGt(i, 0);
    }

    /// @dev Promise 5: the proof of a payment is one storage slot, whose place is part of the interface.
    function test_slots() public {
        string memory json = read();
        uint256 i;
        for (; has(json, "slots", i); ++i) {
            address purse = vm.parseJsonAddress(json, item("slots", i, "purse"));
            address payee = vm.parseJsonAddress(json, item("slots", i, "payee"));
            vm.store(address(offpay), vm.parseJsonBytes32(json, item("slots", i, "slot")), bytes32(i + 1));
            assertEq(offpay.paidTo(purse, payee), i + 1);
        }
        assertGt(i, 0);
    }

    // --- Conflicts

    function test_conflicts() public {
        string memory json = read();
        uint256 i;
        for (; has(json, "conflicts", i); ++i) {
            Payment memory a = abi.decode(vm.parseJsonBytes(json, item("conflicts", i, "a")), (Payment));
            Payment memory b = abi.decode(vm.parseJsonBytes(json, item("conflicts", i, "b")), (Payment));
            bytes memory sigA = vm.parseJsonBytes(json, item("conflicts", i, "signatureA"));
            bytes memory sigB = vm.parseJsonBytes(json, item("conflicts", i, "signatureB"));
            vm.expectRevert(answer(json, i));
            offpay.reportDoubleSpend(a, sigA, b, sigB);
        }
        assertGt(i, 0);
    }

    /// @dev Where the payments conflict, what is missing is the purse of their signer.
    function answer(string memory json, uint256 i) private pure returns (bytes memory) {
        if (!vm.parseJsonBool(json, item("conflicts", i, "wellFormed"))) {
            return abi.encodeWithSelector(MalformedPayment.selector);
        }
        if (!vm.parseJsonBool(json, item("conflicts", i, "conflict"))) {
            return abi.encodeWithSelector(NoConflict.selector);
        }
        return
            abi.encodeWithSelector(
                UnknownPurse.selector, vm.parseJsonAddress(json, item("conflicts", i, "key"))
            );
    }
}
