//! What the wallet asks and tells the contract and the token. The whole ABI stands in `crates/chain/abi`; a test holds
//! these to it.

#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]

use alloy_sol_types::sol;

sol! {
    #[derive(Debug)]
    interface OffPay {
        struct PaymentRow {
            address payee;
            uint96 start;
            uint96 amount;
            uint96 cumulative;
            bytes32 reference_;
        }

        struct PurseState {
            address owner;
            address circle;
            uint96 funds;
            uint96 paid;
            uint96 pledge;
            uint16 coverCount;
            uint40 closesAt;
            bool open;
            bool reported;
            bool defaulted;
            bool condemned;
            bool closed;
            uint96 reserved;
            uint96 paidFromCollateral;
            uint64 pairsInDefault;
        }

        struct PairState {
            uint256 paid;
            uint96 presented;
            uint40 inDefaultSince;
            uint96 reserved;
            uint96 fromCollateral;
            bool wasMember;
        }

        struct TermsRow {
            address a;
            address b;
            address keyA;
            address keyB;
            uint40 closeDelay;
            bytes32 salt;
        }

        struct ChannelState {
            uint96 depositA;
            uint96 depositB;
            uint96 fromA;
            uint96 fromB;
            uint40 closesAt;
            bool open;
            bool closed;
        }

        event PurseOpened(address indexed purse, address indexed owner, address indexed circle, uint96 funds, uint96 pledge, uint16 coverCount);

        function balanceOf(address owner) external view returns (uint256 value);
        function securityOf(address owner) external view returns (uint96 collateral, uint96 pledged, uint40 registeredAt);
        function purseOf(address key) external view returns (PurseState state);
        function pairOf(address key, address payee) external view returns (PairState state);
        function paidTo(address purse, address payee) external view returns (uint256 value);
        function membershipOf(address circle, address payee) external view returns (uint40 from, uint40 until);

        function channelOf(bytes32 id) external view returns (ChannelState state);
        function claimVoucher(TermsRow terms, uint96 cumulative, bytes32 reference_, bytes signature) external;
        function presentVoucher(TermsRow terms, uint96 cumulative, bytes32 reference_, bytes signature) external;
        function finalizeChannel(TermsRow terms) external;
        function sweep(uint256 index) external;
        function circleSize(address circle) external view returns (uint16 value);
        function openChannel(TermsRow terms, uint96 deposit_) external;
        function fundChannel(TermsRow terms, uint96 amount) external;
        function requestChannelClose(TermsRow terms) external;
        function closeChannelTogether(TermsRow terms, uint96 fromA, uint96 fromB, uint40 deadline, bytes sigA, bytes sigB) external;
        function transfer(address to, uint96 amount) external;
        function addPledge(address key, uint96 amount) external;
        function depositWithPermit(address signer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function lockCollateral(uint96 amount) external;
        function withdraw(address to, uint96 amount) external;
        function withdrawCollateral(address to, uint96 amount) external;
        function openPurse(address key, uint96 funds, uint96 pledge, uint16 coverCount, address circle, bytes keySignature) external;
        function topUpPurse(address key, uint96 amount) external;
        function requestPurseClose(address key) external;
        function closePurse(address key) external;
        function makeGood(address key, address[] payees, uint96 max) external;
        function settlePayment(PaymentRow payment, bytes signature) external;
        function settlePaymentAfterSettlementPeriod(address key, address payee) external;
        function reportDoubleSpend(PaymentRow a, bytes sigA, PaymentRow b, bytes sigB) external;
        function relay(address account, bytes[] calls, uint256 nonce, uint40 deadline, bytes signature) external;
    }

    #[derive(Debug)]
    interface Token {
        function balanceOf(address account) external view returns (uint256 value);
        function name() external view returns (string value);
        function nonces(address owner) external view returns (uint256 value);
        function DOMAIN_SEPARATOR() external view returns (bytes32 value);
    }
}
