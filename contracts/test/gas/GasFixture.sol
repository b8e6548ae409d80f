// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {OffPay} from "../../src/OffPay.sol";
import {OffPayToken} from "../../src/OffPayToken.sol";
import {ChannelTerms, Configuration, Payment, SignedPayment} from "../../src/types/Types.sol";

/// @notice A contract in steady state: it holds tokens, and everybody that is measured has a balance already.
/// Amounts look like real ones of a token with 18 decimals.
abstract contract GasFixture is Test {
    uint256 internal constant ROWS = 100;
    uint96 internal constant PRICE = 3_141592653589793238;

    OffPay internal offpay;
    OffPayToken internal token;
    address internal owner = makeAddr("owner");
    address internal payee = makeAddr("payee");
    address internal circle = makeAddr("circle");
    address internal relayer = makeAddr("relayer");

    function setUp() public virtual {
        vm.warp(1_790_000_000);
        token = new OffPayToken(address(this));
        offpay = new OffPay(
            Configuration(address(token), makeAddr("treasury"), 1 days, 7 days, 100e18, 5000, 1000)
        );
        _fund(owner, 100_000_271828182845904523, 60_000_141421356237309504);
        _fund(payee, 1_000_618033988749894848, 200_577215664901532860);
        vm.prank(circle);
        offpay.admit(payee);
        vm.warp(block.timestamp + 8 days);
    }

    function _fund(address account, uint96 balance, uint96 collateral) internal {
        token.mint(account, 2 * (uint256(balance) + collateral));
        vm.startPrank(account);
        token.approve(address(offpay), type(uint256).max);
        offpay.register(collateral);
        offpay.deposit(balance);
        vm.stopPrank();
    }

    function _key(uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("gas", i)));
    }

    function _reference(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("reference", i));
    }

    function _openPurse(uint256 key, uint96 funds, uint96 pledge, uint16 coverCount, address circle_)
        internal
    {
        vm.prank(owner);
        offpay.openPurse(vm.addr(key), funds, pledge, coverCount, circle_, _purseKeySignature(key));
    }

    function _purseKeySignature(uint256 key) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(keccak256("PurseKey(address owner)"), owner));
        return _sign(key, structHash);
    }

    function _payment(uint96 start, uint96 amount, uint96 cumulative, uint256 order)
        internal
        view
        returns (Payment memory)
    {
        return Payment(payee, start, amount, cumulative, _reference(order));
    }

    function _signPayment(uint256 key, Payment memory p) internal view returns (bytes32 r, bytes32 vs) {
        return vm.signCompact(key, offpay.paymentId(p));
    }

    function _signedPayment(uint256 key, Payment memory p) internal view returns (SignedPayment memory) {
        (bytes32 r, bytes32 vs) = _signPayment(key, p);
        return SignedPayment(p, r, vs);
    }

    function _pack(SignedPayment[] memory rows) internal pure returns (bytes memory packed) {
        for (uint256 i; i < rows.length; ++i) {
            Payment memory p = rows[i].payment;
            packed = bytes.concat(
                packed, abi.encodePacked(p.start, p.amount, p.cumulative, p.reference_, rows[i].r, rows[i].vs)
            );
        }
    }

    function _terms(uint256 i, bool twoWay) internal view returns (ChannelTerms memory) {
        return ChannelTerms(
            owner, payee, vm.addr(_key(i)), twoWay ? vm.addr(_key(i + 1)) : address(0), 7 days, _reference(i)
        );
    }

    function _signVoucher(uint256 key, bytes32 channel, uint96 cumulative, bytes32 reference_)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Voucher(bytes32 channel,uint96 cumulative,bytes32 reference)"),
                channel,
                cumulative,
                reference_
            )
        );
        return vm.signCompact(key, _digest(structHash));
    }

    function _claim(uint256 i, uint96 cumulative, uint256 order) internal view returns (bytes memory) {
        ChannelTerms memory terms = _terms(i, false);
        (bytes32 r, bytes32 vs) =
            _signVoucher(_key(i), offpay.channelId(terms), cumulative, _reference(order));
        return abi.encodePacked(
            terms.a, terms.keyA, terms.closeDelay, terms.salt, cumulative, _reference(order), r, vs
        );
    }

    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, _digest(structHash));
        return bytes.concat(r, vs);
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("OffPay"),
                keccak256("1"),
                block.chainid,
                address(offpay)
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, structHash));
    }

    /// @dev The name under which scripts/gas finds the figure.
    function _record(string memory name) internal {
        vm.snapshotGasLastCall("OffPay", name);
    }
}
