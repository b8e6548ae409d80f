// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {InvalidRows} from "../../src/types/Errors.sol";
import {Events} from "../../src/types/Events.sol";
import {ChannelTerms, Refusal} from "../../src/types/Types.sol";
import {Fixture} from "../shared/Fixture.sol";

/// @dev `claimVouchers`: vouchers of many one-way channels towards one b.
contract VoucherBatchesTest is Fixture {
    address private a = person("a");
    address private b = person("b");
    address private keyA = person("key of a");
    address private keyB = person("key of b");
    bytes32[] private claimed;
    ChannelTerms private x;
    ChannelTerms private y;

    function setUp() public override {
        super.setUp();
        give(a, 1000);
        x = oneWay(a, b, keyA);
        y = oneWay(a, b, keyA);
        (y.salt, y.closeDelay) = (keccak256("y"), PERIOD);
        openChannel(x, 100);
        openChannel(y, 100);
    }

    function logged(ChannelTerms memory t, uint96 fromA) private {
        claimed.push(bytes32(abi.encodePacked(bytes20(channelIdOf(t)), fromA)));
    }

    function expectClaimed() private {
        vm.expectEmit(address(offpay));
        emit Events.VouchersClaimed(b, claimed);
    }

    function test_rowIs185Bytes() public view {
        assertEq(packedClaim(x, 1).length, 185);
    }

    function test_batchCreditsBOnceForAllRows() public {
        logged(x, 10);
        logged(y, 20);
        logged(x, 15);
        expectClaimed();
        offpay.claimVouchers(b, bytes.concat(packedClaim(x, 10), packedClaim(y, 20), packedClaim(x, 15)));
        assertEq(offpay.balanceOf(b), 35);
        assertEq(offpay.channelOf(channelIdOf(x)).fromA, 15);
        assertEq(offpay.channelOf(channelIdOf(y)).fromA, 20);
        checkBooks();
    }

    function test_emptyBatchIsANoOp() public {
        watch();
        offpay.claimVouchers(b, "");
        assertNoEvents();
        assertNoWrites();
    }

    function testFuzz_rowsOfAWrongLengthAreRefused(uint256 length) public {
        length = bound(length, 1, 1000);
        if (length % 185 == 0) ++length;
        vm.expectRevert(abi.encodeWithSelector(InvalidRows.selector, length));
        offpay.claimVouchers(b, new bytes(length));
    }

    function test_rowBeyondTheDepositPaysTheDeposit() public {
        logged(x, 100);
        expectClaimed();
        offpay.claimVouchers(b, packedClaim(x, 500));
        assertEq(offpay.balanceOf(b), 100);
        checkBooks();
    }

    /// @dev Attack: claiming rows of a batch before the batch does.
    function test_rowThatLostTheRaceIsANoOpWithoutATrace() public {
        offpay.claimVoucher(x, 10, REFERENCE, signVoucher(keyA, x, 10));
        logged(y, 20);
        expectClaimed();
        offpay.claimVouchers(b, bytes.concat(packedClaim(x, 10), packedClaim(x, 5), packedClaim(y, 20)));
        vm.recordLogs();
        offpay.claimVouchers(b, bytes.concat(packedClaim(x, 10), packedClaim(y, 20)));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(offpay.balanceOf(b), 30);
    }

    function testFuzz_batchDoesWhatItsRowsDoAlone(uint96[6] memory cumulatives, uint256 which) public {
        bytes memory rows;
        for (uint256 i; i < 6; ++i) {
            cumulatives[i] = uint96(bound(cumulatives[i], 0, 150));
            rows = bytes.concat(rows, packedClaim(which >> i & 1 == 0 ? x : y, cumulatives[i]));
        }
        uint256 snapshot = vm.snapshotState();
        offpay.claimVouchers(b, rows);
        bytes memory together = outcome();
        vm.revertToState(snapshot);
        for (uint256 i; i < 6; ++i) {
            ChannelTerms memory t = which >> i & 1 == 0 ? x : y;
            offpay.claimVoucher(t, cumulatives[i], REFERENCE, signVoucher(keyA, t, cumulatives[i]));
        }
        assertEq(outcome(), together);
        checkBooks();
    }

    function outcome() private view returns (bytes memory) {
        return
            abi.encode(
                offpay.balanceOf(b), offpay.channelOf(channelIdOf(x)), offpay.channelOf(channelIdOf(y))
            );
    }

    // --- One bad row of each kind, with good ones around it

    function checkOneBadRow(bytes memory bad, Refusal refusal) private {
        bytes memory p = packedClaim(x, 10);
        bytes memory q = packedClaim(y, 20);
        bytes[3] memory batches = [bytes.concat(bad, p, q), bytes.concat(p, bad, q), bytes.concat(p, q, bad)];
        logged(x, 10);
        logged(y, 20);
        for (uint256 place; place < 3; ++place) {
            uint256 snapshot = vm.snapshotState();
            vm.expectEmit(address(offpay));
            emit Events.RowSkipped(place, refusal);
            expectClaimed();
            offpay.claimVouchers(b, batches[place]);
            assertEq(offpay.balanceOf(b), 30);
            checkBooks();
            vm.revertToState(snapshot);
        }
    }

    function test_rowOfAnUnknownChannelIsSkipped() public {
        ChannelTerms memory unknown = oneWay(a, b, keyA);
        unknown.salt = keccak256("unknown");
        checkOneBadRow(packedClaim(unknown, 10), Refusal.UnknownChannel);
    }

    /// @dev Attack: a channel key of zero and a signature that recovers to it.
    function test_rowOfNoKeyIsSkipped() public {
        bytes memory bad =
            abi.encodePacked(a, address(0), DELAY, bytes32(0), uint96(10), REFERENCE, bytes32(0), bytes32(0));
        checkOneBadRow(bad, Refusal.UnknownChannel);
    }

    function test_rowOfATwoWayChannelIsUnknown() public {
        ChannelTerms memory two = twoWay(a, b, keyA, keyB);
        two.salt = keccak256("two");
        openChannel(two, 100);
        checkOneBadRow(packedClaim(two, 10), Refusal.UnknownChannel);
    }

    /// @dev Attack: bringing b's vouchers in for somebody else.
    function test_rowTowardsAnotherIsUnknown() public {
        vm.expectEmit(address(offpay));
        emit Events.RowSkipped(0, Refusal.UnknownChannel);
        offpay.claimVouchers(keyB, packedClaim(x, 10));
        assertEq(offpay.balanceOf(keyB), 0);
    }

    function test_rowOfAFinishedChannelIsSkipped() public {
        ChannelTerms memory finished = oneWay(a, b, keyA);
        finished.salt = keccak256("finished");
        openChannel(finished, 100);
        vm.prank(b);
        offpay.finalizeChannel(finished);
        checkOneBadRow(packedClaim(finished, 10), Refusal.ChannelClosed);
    }

    function test_rowSignedByAnotherIsSkipped() public {
        (bytes32 r, bytes32 vs) = signCompact(a, voucherDigest(channelIdOf(x), 50, REFERENCE));
        bytes memory bad = abi.encodePacked(a, keyA, DELAY, bytes32(0), uint96(50), REFERENCE, r, vs);
        checkOneBadRow(bad, Refusal.BadSignature);
    }

    function test_rowWithAHighSIsSkipped() public {
        (bytes32 r,) = signCompact(keyA, voucherDigest(channelIdOf(x), 50, REFERENCE));
        bytes32 high = bytes32(CURVE_ORDER / 2 + 1);
        bytes memory bad = abi.encodePacked(a, keyA, DELAY, bytes32(0), uint96(50), REFERENCE, r, high);
        checkOneBadRow(bad, Refusal.BadSignature);
    }

    function test_rowWithAChangedReferenceIsSkipped() public {
        (bytes32 r, bytes32 vs) = signCompact(keyA, voucherDigest(channelIdOf(x), 50, REFERENCE));
        bytes memory bad = abi.encodePacked(a, keyA, DELAY, bytes32(0), uint96(50), bytes32(0), r, vs);
        checkOneBadRow(bad, Refusal.BadSignature);
    }
}
