// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../../src/types/Types.sol";
import {Payment} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Which forms of a signature are taken, seen through `settlePayment`: every other entry reads them alike.
contract SignaturesTest is Scene {
    Payment private p;
    uint8 private v;
    bytes32 private r;
    bytes32 private s;

    function setUp() public override {
        super.setUp();
        p = first(alice, 5);
        (v, r, s) = vm.sign(keyOf[device], paymentDigest(p));
    }

    function settleBy(bytes memory signature) private {
        offpay.settlePayment(p, signature);
    }

    function expectNobody(bytes memory signature) private {
        expectPaymentRefused(Refusal.BadSignature, address(0));
        settleBy(signature);
    }

    function test_65BytesOrThe64OfEip2098() public {
        uint256 snapshot = vm.snapshotState();
        settleBy(abi.encodePacked(r, s, v));
        assertEq(offpay.balanceOf(alice), 5);
        vm.revertToState(snapshot);
        settleBy(abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255));
        assertEq(offpay.balanceOf(alice), 5);
    }

    function testFuzz_bothFormsOfAnyKeyAndBothParities(uint256 key, bytes32 reference_) public {
        key = bound(key, 1, CURVE_ORDER - 1);
        address signer = vm.addr(key);
        vm.assume(signer != device);
        p.reference_ = reference_;
        (v, r, s) = vm.sign(key, paymentDigest(p));
        expectPaymentRefused(Refusal.UnknownPurse, signer);
        settleBy(abi.encodePacked(r, s, v));
        expectPaymentRefused(Refusal.UnknownPurse, signer);
        settleBy(abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255));
    }

    function testFuzz_otherLengthsAreNobodys(bytes memory more) public {
        vm.assume(more.length != 0);
        expectNobody(abi.encodePacked(r, s, v, more));
    }

    function test_shorterSignaturesAreNobodys() public {
        bytes memory whole = abi.encodePacked(r, s, v);
        for (uint256 length; length < 64; ++length) {
            bytes memory part = new bytes(length);
            for (uint256 i; i < length; ++i) {
                part[i] = whole[i];
            }
            expectNobody(part);
        }
    }

    function test_vIs27Or28() public {
        for (uint256 other; other < 256; ++other) {
            if (other == 27 || other == 28) continue;
            expectNobody(abi.encodePacked(r, s, uint8(other)));
        }
    }

    /// @dev Attack: the second signature that everyone can make out of a first.
    function test_highSIsNobodys() public {
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        assertEq(ecrecover(paymentDigest(p), flipped, r, high), device, "valid but for its s");
        expectNobody(abi.encodePacked(r, high, flipped));
    }

    function test_sReachesHalfTheOrderAndNoFurther() public {
        uint256 half = CURVE_ORDER / 2;
        for (uint8 parity; parity < 2; ++parity) {
            address someone = ecrecover(paymentDigest(p), 27 + parity, r, bytes32(half));
            expectPaymentRefused(Refusal.UnknownPurse, someone);
            settleBy(abi.encodePacked(r, half, 27 + parity));
            expectPaymentRefused(Refusal.UnknownPurse, someone);
            settleBy(abi.encodePacked(r, half | uint256(parity) << 255));
            expectNobody(abi.encodePacked(r, half + 1, 27 + parity));
            expectNobody(abi.encodePacked(r, half + 1 | uint256(parity) << 255));
        }
    }

    /// @dev A set top bit of `s` is the parity of EIP-2098, and of that alone.
    function test_topBitOfSIsNoParityIn65Bytes() public {
        bytes32 set = bytes32(uint256(s) | 1 << 255);
        expectNobody(abi.encodePacked(r, set, uint8(27)));
        expectNobody(abi.encodePacked(r, set, uint8(28)));
    }

    function test_zeroIsNobody() public {
        expectNobody(abi.encodePacked(bytes32(0), s, v));
        expectNobody(abi.encodePacked(r, bytes32(0), v));
        expectNobody(new bytes(64));
        expectNobody(new bytes(65));
    }

    function test_rBeyondTheCurveIsNobodys() public {
        expectNobody(abi.encodePacked(CURVE_ORDER, s, v));
        expectNobody(abi.encodePacked(type(uint256).max, s, v));
        // 5 is no x of a point.
        expectNobody(abi.encodePacked(uint256(5), s, v));
    }
}
