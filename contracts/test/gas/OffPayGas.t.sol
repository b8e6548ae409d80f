// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelTerms, Payment, SignedPayment} from "../../src/types/Types.sol";
import {GasFixture} from "./GasFixture.sol";

/// @notice Whole-transaction gas of every operation. Run it with `make gas`, which isolates each call.
contract OffPayGas is GasFixture {
    function test_token() public {
        vm.prank(owner);
        token.transfer(payee, PRICE);
        _record("erc20_transfer");
    }

    function test_account() public {
        address user = makeAddr("user");
        token.mint(user, 10_000e18);
        vm.startPrank(user);
        token.approve(address(offpay), 10_000e18);
        offpay.register(200_577215664901532860);
        _record("register");
        offpay.deposit(50_577215664901532860);
        _record("deposit_first");
        offpay.deposit(50_577215664901532860);
        _record("deposit");
        offpay.depositFor(owner, PRICE);
        _record("deposit_for");
        offpay.depositCollateral(PRICE);
        _record("deposit_collateral");
        offpay.lockCollateral(PRICE);
        _record("lock_collateral");
        offpay.transfer(payee, PRICE);
        _record("transfer");
        offpay.withdraw(user, PRICE);
        _record("withdraw");
        offpay.withdrawCollateral(user, PRICE);
        _record("withdraw_collateral");
        vm.stopPrank();
    }

    function test_permit() public {
        uint256 key = _key(77);
        address signer = vm.addr(key);
        token.mint(signer, 10 * uint256(PRICE));
        for (uint256 i; i < 2; ++i) {
            bytes32 structHash = keccak256(
                abi.encode(
                    keccak256(
                        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                    ),
                    signer,
                    address(offpay),
                    PRICE,
                    i,
                    type(uint256).max
                )
            );
            bytes32 digest = keccak256(bytes.concat(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
            vm.prank(relayer);
            offpay.depositWithPermit(signer, PRICE, type(uint256).max, v, r, s);
        }
        _record("deposit_with_permit");
    }

    function test_circle() public {
        vm.startPrank(circle);
        offpay.admit(owner);
        _record("admit");
        offpay.dismiss(owner);
        _record("dismiss");
        vm.warp(block.timestamp + 7 days);
        offpay.prune(circle, owner);
        _record("prune");
        vm.stopPrank();
    }

    function test_purse() public {
        address key = vm.addr(_key(0));
        bytes memory signature = _purseKeySignature(_key(0));
        vm.prank(owner);
        offpay.openPurse(key, 50_271828182845904523, 500_161803398874989484, 10, address(0), signature);
        _record("open_purse");
        signature = _purseKeySignature(_key(1));
        vm.prank(owner);
        offpay.openPurse(
            vm.addr(_key(1)), 50_271828182845904523, 500_161803398874989484, 10, circle, signature
        );
        _record("open_purse_in_named_circle");
        vm.startPrank(owner);
        offpay.topUpPurse(key, PRICE);
        _record("top_up_purse");
        offpay.addPledge(key, PRICE);
        _record("add_pledge");
        offpay.requestPurseClose(key);
        _record("request_purse_close");
        vm.warp(block.timestamp + 7 days);
        offpay.closePurse(key);
        _record("close_purse");
        vm.stopPrank();
    }

    function test_settleOne() public {
        _openPurse(_key(0), 50_271828182845904523, 500_161803398874989484, 10, circle);
        for (uint96 i; i < 2; ++i) {
            Payment memory p = _payment(i * PRICE, PRICE, (i + 1) * PRICE, i);
            (bytes32 r, bytes32 vs) = _signPayment(_key(0), p);
            vm.prank(relayer);
            offpay.settlePayment(p, bytes.concat(r, vs));
            _record(i == 0 ? "settle_one_first" : "settle_one");
        }
    }

    function test_settleBatches() public {
        SignedPayment[][3] memory batches;
        for (uint256 b; b < 3; ++b) {
            batches[b] = new SignedPayment[](ROWS);
        }
        for (uint256 i; i < ROWS; ++i) {
            _openPurse(_key(i), 50_271828182845904523, 500_161803398874989484, 10, circle);
            for (uint96 b; b < 3; ++b) {
                batches[b][i] =
                    _signedPayment(_key(i), _payment(b * PRICE, PRICE, (b + 1) * PRICE, 3 * i + b));
            }
        }
        vm.startPrank(relayer);
        offpay.settlePayments(batches[0]);
        _record("settle_batch100_abi_first");
        offpay.settlePayments(batches[1]);
        _record("settle_batch100_abi");
        offpay.settlePaymentsPacked(payee, _pack(batches[2]));
        _record("settle_batch100_packed");
        vm.stopPrank();
    }

    function test_default() public {
        uint96 funds = 2_271828182845904523;
        _openPurse(_key(0), funds, 500_161803398874989484, 10, circle);
        Payment memory p = _payment(0, funds, funds, 1);
        // The purse is drained to another payee but for a little.
        Payment memory drain = Payment(owner, 0, funds - 1e18, funds - 1e18, _reference(2));
        (bytes32 r, bytes32 vs) = _signPayment(_key(0), drain);
        offpay.settlePayment(drain, bytes.concat(r, vs));
        (r, vs) = _signPayment(_key(0), p);
        vm.prank(relayer);
        offpay.settlePayment(p, bytes.concat(r, vs));
        _record("settle_into_default");
        vm.warp(block.timestamp + 1 days);
        vm.prank(relayer);
        offpay.settlePaymentAfterSettlementPeriod(vm.addr(_key(0)), payee);
        _record("pay_claim");
    }

    function test_makeGood() public {
        uint96 funds = 2_271828182845904523;
        _openPurse(_key(0), funds, 500_161803398874989484, 10, circle);
        Payment memory p = _payment(0, funds, funds, 1);
        Payment memory drain = Payment(owner, 0, funds - 1e18, funds - 1e18, _reference(2));
        (bytes32 r, bytes32 vs) = _signPayment(_key(0), drain);
        offpay.settlePayment(drain, bytes.concat(r, vs));
        (r, vs) = _signPayment(_key(0), p);
        offpay.settlePayment(p, bytes.concat(r, vs));
        address[] memory payees = new address[](1);
        payees[0] = payee;
        vm.prank(owner);
        offpay.makeGood(vm.addr(_key(0)), payees, 10e18);
        _record("make_good");
    }

    function test_reportDoubleSpend() public {
        _openPurse(_key(0), 50_271828182845904523, 500_161803398874989484, 10, circle);
        Payment memory a = _payment(0, PRICE, PRICE, 1);
        Payment memory b = Payment(owner, 0, PRICE, PRICE, _reference(2));
        (bytes32 rA, bytes32 vsA) = _signPayment(_key(0), a);
        (bytes32 rB, bytes32 vsB) = _signPayment(_key(0), b);
        vm.prank(relayer);
        offpay.reportDoubleSpend(a, bytes.concat(rA, vsA), b, bytes.concat(rB, vsB));
        _record("report_double_spend");
    }

    function test_oneWayChannels() public {
        bytes[2] memory batches;
        for (uint256 i; i < ROWS; ++i) {
            vm.prank(owner);
            offpay.openChannel(_terms(i, false), 50_271828182845904523);
            if (i == 0) _record("open_channel");
            batches[0] = bytes.concat(batches[0], _claim(i, PRICE, i));
            batches[1] = bytes.concat(batches[1], _claim(i, 2 * PRICE, ROWS + i));
        }
        vm.startPrank(relayer);
        offpay.claimVouchers(payee, batches[0]);
        _record("claim_vouchers_batch100_first");
        offpay.claimVouchers(payee, batches[1]);
        _record("claim_vouchers_batch100");
        vm.stopPrank();
        ChannelTerms memory terms = _terms(0, false);
        (bytes32 r, bytes32 vs) = _signVoucher(_key(0), offpay.channelId(terms), 3 * PRICE, _reference(9999));
        vm.prank(relayer);
        offpay.claimVoucher(terms, 3 * PRICE, _reference(9999), bytes.concat(r, vs));
        _record("claim_voucher");
        vm.prank(owner);
        offpay.fundChannel(terms, PRICE);
        _record("fund_channel");
        vm.prank(payee);
        offpay.finalizeChannel(terms);
        _record("finalize_one_way_channel");
    }

    function test_closeTogether() public {
        ChannelTerms memory terms = _terms(0, true);
        bytes32 id = offpay.channelId(terms);
        vm.prank(owner);
        offpay.openChannel(terms, 50_271828182845904523);
        vm.prank(payee);
        offpay.fundChannel(terms, 20_141421356237309504);
        uint40 deadline = uint40(block.timestamp + 1800);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("ChannelClose(bytes32 channel,uint96 fromA,uint96 fromB,uint40 deadline)"),
                id,
                7 * PRICE,
                3 * PRICE,
                deadline
            )
        );
        bytes memory sigA = _sign(_key(0), structHash);
        bytes memory sigB = _sign(_key(1), structHash);
        vm.prank(relayer);
        offpay.closeChannelTogether(terms, 7 * PRICE, 3 * PRICE, deadline, sigA, sigB);
        _record("close_together");
    }

    function test_closeDisputed() public {
        ChannelTerms memory terms = _terms(0, true);
        bytes32 id = offpay.channelId(terms);
        vm.prank(owner);
        offpay.openChannel(terms, 50_271828182845904523);
        vm.prank(payee);
        offpay.fundChannel(terms, 20_141421356237309504);
        vm.prank(owner);
        offpay.requestChannelClose(terms);
        _record("request_channel_close");
        (bytes32 r, bytes32 vs) = _signVoucher(_key(0), id, 7 * PRICE, _reference(1));
        vm.prank(relayer);
        offpay.presentVoucher(terms, 7 * PRICE, _reference(1), bytes.concat(r, vs));
        _record("present_voucher");
        vm.warp(block.timestamp + 7 days);
        vm.prank(relayer);
        offpay.finalizeChannel(terms);
        _record("finalize_channel");
    }

    function test_relay() public {
        uint256 key = _key(5);
        address user = vm.addr(key);
        _fund(user, 100e18, 100e18);
        for (uint256 nonce; nonce < 2; ++nonce) {
            bytes[] memory calls = new bytes[](2);
            calls[0] = abi.encodeCall(offpay.transfer, (payee, PRICE));
            calls[1] = abi.encodeCall(offpay.transfer, (relayer, 12345678901234567));
            uint40 deadline = uint40(block.timestamp + 600);
            bytes memory signature = _signRelay(key, user, calls, nonce, deadline);
            vm.prank(relayer);
            offpay.relay(user, calls, nonce, deadline, signature);
        }
        _record("relay_two_transfers");
    }

    function _signRelay(uint256 key, address user, bytes[] memory calls, uint256 nonce, uint40 deadline)
        private
        view
        returns (bytes memory)
    {
        bytes32 hashes = keccak256(bytes.concat(keccak256(calls[0]), keccak256(calls[1])));
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Relay(address account,bytes[] calls,uint256 nonce,uint40 deadline)"),
                user,
                hashes,
                nonce,
                deadline
            )
        );
        return _sign(key, structHash);
    }
}
