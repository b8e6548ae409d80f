// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPay} from "../../src/OffPay.sol";
import "../../src/types/Errors.sol";
import {ChannelTerms, Payment, SignedPayment} from "../../src/types/Types.sol";
import {Scene} from "../shared/Scene.sol";

/// @dev Every function that changes state, called by a stranger with all that a stranger can have. The functions are
/// those of the ABI: one without a row fails.
contract AuthorizationTest is Scene {
    struct Row {
        string name;
        bytes data;
        /// The error with which it is refused; zero where a stranger may, for what is the stranger's own.
        bytes4 refused;
    }

    string private constant ABI = "../crates/chain/abi/OffPay.json";

    Row[] private rows;
    ChannelTerms private terms;
    address private other = person("a fresh key");

    function setUp() public override {
        super.setUp();
        terms = twoWay(owner, alice, person("key a"), person("key b"));
        openChannel(terms, 100e18);
        fund(owner, 50e18);
        fund(mallory, 1e18);
    }

    function add(string memory name, bytes memory data, bytes4 refused) private {
        rows.push(Row(name, data, refused));
    }

    function own(string memory name, bytes memory data) private {
        add(name, data, bytes4(0));
    }

    function table() private {
        accountRows();
        purseRows();
        paymentRows();
        channelRows();
        own("admit", abi.encodeCall(offpay.admit, (dave)));
        add("dismiss", abi.encodeCall(offpay.dismiss, (alice)), NotDismissable.selector);
        add("prune", abi.encodeCall(offpay.prune, (circle, alice)), NotPrunable.selector);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(offpay.withdraw, (mallory, 1));
        uint40 deadline = now40() + 1 hours;
        bytes memory signature = sign(mallory, relayDigest(owner, calls, 7, deadline));
        bytes memory data = abi.encodeCall(offpay.relay, (owner, calls, 7, deadline, signature));
        add("relay", data, InvalidSignature.selector);
        own("cancelNonce", abi.encodeCall(offpay.cancelNonce, (7)));
    }

    function accountRows() private {
        add("register", abi.encodeCall(offpay.register, (1)), CollateralTooLow.selector);
        own("depositCollateral", abi.encodeCall(offpay.depositCollateral, (1)));
        add("lockCollateral", abi.encodeCall(offpay.lockCollateral, (1)), InsufficientBalance.selector);
        bytes memory data = abi.encodeCall(offpay.withdrawCollateral, (mallory, 2));
        add("withdrawCollateral", data, InsufficientCollateral.selector);
        own("deposit", abi.encodeCall(offpay.deposit, (1)));
        own("depositFor", abi.encodeCall(offpay.depositFor, (owner, 1)));
        data =
            abi.encodeCall(offpay.depositWithPermit, (owner, 1, type(uint256).max, 27, REFERENCE, REFERENCE));
        add("depositWithPermit", data, PermitRefused.selector);
        data = abi.encodeCall(
            offpay.depositWithAuthorization,
            (owner, mallory, 1, 0, type(uint256).max, REFERENCE, 27, REFERENCE, REFERENCE)
        );
        // The token knows no authorizations, or not this one: that has no name here.
        add("depositWithAuthorization", data, bytes4(type(uint32).max));
        add("withdraw", abi.encodeCall(offpay.withdraw, (mallory, 10)), InsufficientBalance.selector);
        add("transfer", abi.encodeCall(offpay.transfer, (mallory, 10)), InsufficientBalance.selector);
        own("sweep", abi.encodeCall(offpay.sweep, (0)));
    }

    function purseRows() private {
        bytes memory data =
            abi.encodeCall(offpay.openPurse, (other, 0, 1, 1, circle, signPurseKey(mallory, mallory)));
        add("openPurse", data, InvalidSignature.selector);
        add("topUpPurse", abi.encodeCall(offpay.topUpPurse, (device, 1)), NotPurseOwner.selector);
        add("addPledge", abi.encodeCall(offpay.addPledge, (device, 1)), NotPurseOwner.selector);
        add("requestPurseClose", abi.encodeCall(offpay.requestPurseClose, (device)), NotPurseOwner.selector);
        add("closePurse", abi.encodeCall(offpay.closePurse, (device)), NotClosable.selector);
        address[] memory payees = new address[](1);
        payees[0] = alice;
        data = abi.encodeCall(offpay.makeGood, (device, payees, type(uint96).max));
        add("makeGood", data, NotPurseOwner.selector);
        data = abi.encodeCall(offpay.settlePaymentAfterSettlementPeriod, (device, mallory));
        add("settlePaymentAfterSettlementPeriod", data, NotInDefault.selector);
    }

    /// @dev Signed by the stranger: nobody's purse.
    function paymentRows() private {
        Payment memory a = first(mallory, 10e18);
        Payment memory b = payment(bob, 0, 10e18, 10e18);
        bytes memory data = abi.encodeCall(offpay.settlePayment, (a, signPayment(mallory, a)));
        add("settlePayment", data, PaymentRefused.selector);
        SignedPayment[] memory signed = new SignedPayment[](1);
        signed[0] = signedRow(mallory, a);
        own("settlePayments", abi.encodeCall(offpay.settlePayments, (signed)));
        own(
            "settlePaymentsPacked",
            abi.encodeCall(offpay.settlePaymentsPacked, (mallory, packedRow(mallory, a)))
        );
        data = abi.encodeCall(
            offpay.reportDoubleSpend, (a, signPayment(mallory, a), b, signPayment(mallory, b))
        );
        add("reportDoubleSpend", data, UnknownPurse.selector);
    }

    function channelRows() private {
        ChannelTerms memory t = terms;
        ChannelTerms memory fresh = t;
        bytes memory data = abi.encodeCall(offpay.openChannel, (fresh, 1));
        add("openChannel", data, NotParty.selector);
        add("fundChannel", abi.encodeCall(offpay.fundChannel, (t, 1)), NotParty.selector);
        add("requestChannelClose", abi.encodeCall(offpay.requestChannelClose, (t)), NotParty.selector);
        add("finalizeChannel", abi.encodeCall(offpay.finalizeChannel, (t)), NotFinalizable.selector);
        bytes memory signature = signVoucher(mallory, t, 50e18);
        data = abi.encodeCall(offpay.presentVoucher, (t, 50e18, REFERENCE, signature));
        add("presentVoucher", data, InvalidSignature.selector);
        data = abi.encodeCall(offpay.claimVoucher, (t, 50e18, REFERENCE, signature));
        add("claimVoucher", data, WrongDirection.selector);
        own("claimVouchers", abi.encodeCall(offpay.claimVouchers, (alice, packedClaim(t, 50e18))));
        uint40 deadline = now40() + 1 hours;
        signature = signClose(mallory, t, 0, 0, deadline);
        data = abi.encodeCall(offpay.closeChannelTogether, (t, 0, 0, deadline, signature, signature));
        add("closeChannelTogether", data, InvalidSignature.selector);
    }

    /// @dev All that is not the stranger's.
    function others() private view returns (bytes32) {
        bytes memory people;
        address[4] memory who = [owner, alice, circle, treasury];
        for (uint256 i; i < who.length; ++i) {
            people = abi.encode(
                people, offpay.securityOf(who[i]), token.balanceOf(who[i]), offpay.isNonceUsed(who[i], 7)
            );
        }
        return keccak256(
            abi.encode(
                people,
                offpay.balanceOf(alice),
                offpay.balanceOf(circle),
                offpay.purseOf(device),
                offpay.pairOf(device, alice),
                offpay.channelOf(channelIdOf(terms)),
                offpay.membershipOf(circle, alice),
                offpay.circleSize(circle)
            )
        );
    }

    function test_strangersChangeNothingThatIsNotTheirs() public {
        table();
        for (uint256 i; i < rows.length; ++i) {
            Row memory row = rows[i];
            bytes32 before = others();
            uint256 balance = offpay.balanceOf(owner);
            vm.prank(mallory);
            (bool done, bytes memory result) = address(offpay).call(row.data);
            if (row.refused == bytes4(0)) {
                assertTrue(done, row.name);
            } else {
                assertFalse(done, row.name);
                if (row.refused != bytes4(type(uint32).max)) {
                    assertEq(bytes32(bytes4(result)), bytes32(row.refused), row.name);
                }
            }
            assertEq(others(), before, row.name);
            assertGe(offpay.balanceOf(owner), balance, row.name);
        }
        checkBooks();
    }

    function test_everyFunctionThatChangesStateHasARow() public {
        table();
        string memory json = vm.readFile(ABI);
        uint256 found;
        for (uint256 i; vm.keyExistsJson(json, path(i, "type")); ++i) {
            if (!same(vm.parseJsonString(json, path(i, "type")), "function")) continue;
            string memory mutability = vm.parseJsonString(json, path(i, "stateMutability"));
            if (same(mutability, "view") || same(mutability, "pure")) continue;
            string memory name = vm.parseJsonString(json, path(i, "name"));
            ++found;
            bool there;
            for (uint256 j; j < rows.length && !there; ++j) {
                there = same(rows[j].name, name);
            }
            assertTrue(there, string.concat("no row for ", name));
        }
        assertEq(found, rows.length, "functions");
    }

    function path(uint256 i, string memory key) private pure returns (string memory) {
        return string.concat(".abi[", vm.toString(i), "].", key);
    }

    function same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
