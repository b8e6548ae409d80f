// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "./Types.sol";

// --- Deployment
/// @notice A deployment parameter is out of its range.
error InvalidConfiguration();

// --- Common
/// @notice An address that must be set is zero.
error ZeroAddress();
/// @notice An amount that must be set is zero.
error ZeroAmount();
/// @notice The contract was entered again while it was at work, or a relay was nested.
error Reentered();
/// @notice The signature is malformed, high-s, or not by the expected signer.
error InvalidSignature(address expected);
/// @notice The deadline has passed (or, for a cooperative close, lies too far ahead).
error InvalidDeadline(uint40 deadline);

// --- Accounts
/// @notice The account's free balance is smaller than the amount.
error InsufficientBalance(address account, uint256 balance, uint256 amount);
/// @notice The account's unpledged collateral is smaller than the amount.
error InsufficientCollateral(address account, uint256 available, uint256 amount);
/// @notice The collateral would stay below HEALTHY_COLLATERAL.
error CollateralTooLow(uint256 collateral, uint256 healthy);
/// @notice The account is registered already; use `depositCollateral`.
error AlreadyRegistered(address account);
/// @notice The account must be registered first.
error NotRegistered(address account);
/// @notice Tokens cannot be sent there.
error InvalidRecipient(address to);
/// @notice The token credited another amount than it was asked to move.
error TokenTookFee(uint256 expected, uint256 received);
/// @notice All holdings together must stay below 2^96 base units.
error HoldingsTooLarge(uint256 holdings);
/// @notice The permit was refused by the token (used already, expired or not the signer's).
error PermitRefused(address signer);

// --- Circles
/// @notice The payee is not a member of the circle, nor pending, or its dismissal is pending already.
error NotDismissable(address circle, address payee);
/// @notice The membership has not ended, or was pruned already.
error NotPrunable(address circle, address payee);

// --- Purses and payments
/// @notice The key has been used for a purse before.
error PurseKeyUsed(address key);
/// @notice No purse was ever opened with that key.
error UnknownPurse(address key);
/// @notice The purse is closed.
error PurseIsClosed(address key);
/// @notice The purse's close has been requested already.
error PurseClosing(address key, uint40 closesAt);
/// @notice The purse cannot be closed yet.
error NotClosable(address key, uint40 closesAt, uint64 pairsInDefault);
/// @notice The caller does not own the purse.
error NotPurseOwner(address key, address caller);
/// @notice A coverCount is 1 to 65534.
error InvalidCoverCount(uint16 coverCount);
/// @notice The first default fixed the pledge for good.
error PledgeFixed(address key);
/// @notice The payment cannot be settled. `purse` is who signed it, if anybody.
error PaymentRefused(Refusal refusal, address purse);
/// @notice A payment breaks `0 < amount <= cumulative <= start + amount`, or has no payee.
error MalformedPayment();
/// @notice The pair is not in default.
error NotInDefault(address key, address payee);
/// @notice The settlement period has not passed yet.
error SettlementPeriodRunning(uint40 endsAt);
/// @notice Making good would cost more than the owner allowed.
error MakeGoodTooDear(uint256 needed, uint256 max);
/// @notice The two payments do not conflict.
error NoConflict();
/// @notice The packed rows are not a whole number of rows.
error InvalidRows(uint256 length);

// --- Channels
/// @notice The terms of the channel are not allowed.
error InvalidTerms();
/// @notice A channel with these terms has been opened before.
error ChannelUsed(bytes32 channel);
/// @notice No channel was opened with these terms.
error UnknownChannel(bytes32 channel);
/// @notice The channel is closed.
error ChannelIsClosed(bytes32 channel);
/// @notice The channel is closing.
error ChannelClosing(bytes32 channel, uint40 closesAt);
/// @notice The channel cannot be finalized yet; `closesAt` is 0 if no close was requested.
error NotFinalizable(bytes32 channel, uint40 closesAt);
/// @notice The caller is not a party that may do this.
error NotParty(bytes32 channel, address caller);
/// @notice The operation is for the other kind of channel (one-way or two-way).
error WrongDirection(bytes32 channel);

// --- Relay
/// @notice The nonce was used or cancelled.
error NonceUsed(address account, uint256 nonce);
