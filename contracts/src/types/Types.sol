// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What is fixed when an OffPay contract is deployed. Nothing of it can change afterwards.
/// @param token The ERC-20 that this contract holds. Fee-on-transfer and rebasing tokens are unsupported.
/// @param treasury The account that receives what is left of a condemned purse's pledge.
/// @param settlementPeriod Seconds in which a payer in default can make good.
/// @param closeDelay Seconds between the request to close a purse and its closing, and until membership counts.
/// @param healthyCollateral Least collateral of a registered account, in base units.
/// @param openPenaltyBps Part of a condemned pledge that is never paid out in circle zero, in basis points.
/// @param circlePenaltyBps The same for every other circle.
struct Configuration {
    address token;
    address treasury;
    uint40 settlementPeriod;
    uint40 closeDelay;
    uint96 healthyCollateral;
    uint16 openPenaltyBps;
    uint16 circlePenaltyBps;
}

/// @notice One signed promise out of a purse to one payee. The purse is whoever signed it.
/// @param payee The account that is credited.
/// @param start First serial that the payment spends.
/// @param amount Number of serials that it spends, in base units: `[start, start + amount)`.
/// @param cumulative All that the purse has promised this payee, this payment included.
/// @param reference_ Hash of the request that is paid, or any 32 bytes. Signed as `reference`, a name that
/// Solidity reserves.
struct Payment {
    address payee;
    uint96 start;
    uint96 amount;
    uint96 cumulative;
    bytes32 reference_;
}

/// @notice A row of a batch: a payment with its EIP-2098 signature.
struct SignedPayment {
    Payment payment;
    bytes32 r;
    bytes32 vs;
}

/// @notice The terms of a channel. Their EIP-712 digest is the channel's id, so they are not stored.
/// @param a The account that opens the channel.
/// @param b Its counterparty.
/// @param keyA The key that signs what flows from `a` to `b`.
/// @param keyB The key that signs what flows from `b` to `a`; zero in a one-way channel.
/// @param closeDelay Seconds between the request to close and the earliest finalization.
/// @param salt Tells channels with otherwise equal terms apart.
struct ChannelTerms {
    address a;
    address b;
    address keyA;
    address keyB;
    uint40 closeDelay;
    bytes32 salt;
}

/// @notice The security of an account.
/// @param collateral All of it, in base units; pledges included.
/// @param pledged The part that is pledged to purses and has not been paid out or forfeited.
/// @param registeredAt Since when the collateral has been at least HEALTHY_COLLATERAL; 0 if it is not.
struct Security {
    uint96 collateral;
    uint96 pledged;
    uint40 registeredAt;
}

/// @notice A payee's place in a circle: a member if `from <= t < until`.
struct Membership {
    uint40 from;
    uint40 until;
}

/// @notice Why a row was skipped, or (alone) refused.
enum Refusal {
    None,
    BadSignature,
    UnknownPurse,
    /// It breaks `0 < amount <= cumulative <= start + amount`, or has no payee.
    Malformed,
    /// It spends serials that the purse does not have.
    BeyondFunds,
    PurseClosed,
    UnknownChannel,
    ChannelClosed
}

/// @notice A purse as `purseOf` shows it. After closing, only `paid`, `coverCount` and the flags remain.
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

/// @notice A pair (purse, payee) as `pairOf` shows it.
/// @param paid What the payee was credited from the purse, out of funds, balance or collateral.
/// @param presented The highest cumulative that was presented and could not be paid in full at once.
/// @param inDefaultSince When the present default began; 0 if the pair is not in default.
/// @param reserved What is reserved for it out of the pledge.
/// @param fromCollateral What it has had from the pledge.
/// @param wasMember Whether the payee was a member of the purse's circle when presented in default.
struct PairState {
    uint256 paid;
    uint96 presented;
    uint40 inDefaultSince;
    uint96 reserved;
    uint96 fromCollateral;
    bool wasMember;
}

/// @notice A channel as `channelOf` shows it. After closing, `fromA` and `fromB` are what was applied.
struct ChannelState {
    uint96 depositA;
    uint96 depositB;
    uint96 fromA;
    uint96 fromB;
    uint40 closesAt;
    bool open;
    bool closed;
}
