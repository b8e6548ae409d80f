// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "./Types.sol";

/// @title Everything that OffPay tells an indexer
/// @notice The whole state can be rebuilt from these events, together with the deployment's configuration.
interface Events {
    // --- Accounts
    /// @notice Tokens of `from` were added to the balance of `owner`.
    event Deposited(address indexed owner, address indexed from, uint96 amount);
    /// @notice Balance of `owner` left the contract.
    event Withdrawn(address indexed owner, address indexed to, uint96 amount);
    /// @notice Balance moved inside the contract.
    event Transferred(address indexed from, address indexed to, uint96 amount);
    /// @notice Collateral was added; `fromBalance` tells whether out of the balance or by tokens.
    event CollateralDeposited(address indexed owner, uint96 amount, bool fromBalance);
    /// @notice Unpledged collateral left the contract.
    event CollateralWithdrawn(address indexed owner, address indexed to, uint96 amount);
    /// @notice The account became registered at `registeredAt`, or (0) is no longer.
    event RegistrationChanged(address indexed owner, uint40 registeredAt);

    // --- Circles
    /// @notice The payee is a member of the circle from `from` on.
    event Admitted(address indexed circle, address indexed payee, uint40 from, uint16 circleSize);
    /// @notice A dismissal that did not count yet was taken back.
    event DismissalRevoked(address indexed circle, address indexed payee);
    /// @notice The payee stops being a member at `until`.
    event Dismissed(address indexed circle, address indexed payee, uint40 until);
    /// @notice A membership that had ended no longer counts.
    event Pruned(address indexed circle, address indexed payee, uint16 circleSize);

    // --- Purses
    /// @notice A purse was opened.
    event PurseOpened(
        address indexed purse,
        address indexed owner,
        address indexed circle,
        uint96 funds,
        uint96 pledge,
        uint16 coverCount
    );
    /// @notice Balance of the owner was added to the purse's funds.
    event PurseToppedUp(address indexed purse, uint96 amount, uint96 funds);
    /// @notice More collateral was pledged.
    event PledgeAdded(address indexed purse, uint96 amount, uint96 pledge);
    /// @notice The purse began to close. Emitted once, whatever the cause.
    event PurseCloseStarted(address indexed purse, uint40 closesAt);
    /// @notice The purse closed: `rest` of its funds went to the owner's balance, `released` of its pledge became
    /// free, `forfeited` of it went to the treasury.
    event PurseClosed(
        address indexed purse, address indexed owner, uint96 rest, uint96 released, uint96 forfeited
    );
    /// @notice Two conflicting payments of the purse were shown.
    event DoubleSpendReported(address indexed purse, bytes32 paymentA, bytes32 paymentB);

    // --- Payments
    /// @notice `amount` was credited out of the purse's funds; `paidTo` is now `cumulative`.
    event PaymentSettled(
        address indexed purse,
        address indexed payee,
        uint96 amount,
        uint96 cumulative,
        bytes32 paymentReference
    );
    /// @notice Rows of a packed batch: `purse << 96 | paidTo`. What was credited is `paidTo` less what it was before.
    event PaymentsSettled(address indexed payee, bytes32[] rows);
    /// @notice A row of a batch was skipped.
    event RowSkipped(uint256 indexed row, Refusal refusal);
    /// @notice The pair is in default since `since`: `presented` was shown, `reserved` is set aside for it.
    event PaymentDefaulted(
        address indexed purse,
        address indexed payee,
        uint96 presented,
        uint96 reserved,
        uint40 since,
        bool wasMember
    );
    /// @notice A pair in default was paid in full; no collateral was touched.
    event DefaultCured(address indexed purse, address indexed payee);
    /// @notice The owner made good out of its balance; `paidTo` is now `cumulative`.
    event PaymentMadeGood(address indexed purse, address indexed payee, uint96 amount, uint96 cumulative);
    /// @notice The default was resolved with `amount` (maybe 0) out of collateral; `paidTo` is now `cumulative`.
    event PaymentSettledFromCollateral(
        address indexed purse, address indexed payee, uint96 amount, uint96 cumulative
    );
    /// @notice A default was not made good in time: the pledge will not be returned.
    event PurseCondemned(address indexed purse);

    // --- Channels
    /// @notice A channel was opened.
    event ChannelOpened(
        bytes32 indexed channel,
        address indexed a,
        address indexed b,
        address keyA,
        address keyB,
        uint40 closeDelay,
        bytes32 salt,
        uint96 deposit
    );
    /// @notice `from` (a or b) added to its deposit.
    event ChannelFunded(bytes32 indexed channel, address indexed from, uint96 amount);
    /// @notice A voucher of a one-way channel was credited: `fromA` is what `b` has had in all.
    event VoucherClaimed(bytes32 indexed channel, address indexed b, uint96 fromA);
    /// @notice Rows of a packed batch: the first 20 bytes of a channel's id, then its new `fromA` (12 bytes).
    event VouchersClaimed(address indexed b, bytes32[] rows);
    /// @notice The newest vouchers of a two-way channel that the contract has seen.
    event VoucherPresented(bytes32 indexed channel, uint96 fromA, uint96 fromB);
    /// @notice A party asked to close the channel.
    event ChannelCloseRequested(bytes32 indexed channel, address indexed by, uint40 closesAt);
    /// @notice The channel closed; `toA` and `toB` were credited.
    event ChannelClosed(bytes32 indexed channel, uint96 fromA, uint96 fromB, uint96 toA, uint96 toB);

    // --- Relay
    /// @notice The account's signed calls were run.
    event Relayed(address indexed account, uint256 nonce);
    /// @notice The account gave up a nonce.
    event NonceCancelled(address indexed account, uint256 nonce);
}
