// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Configuration} from "./types/Types.sol";
import {Accounts} from "./base/Accounts.sol";
import {Channels} from "./base/Channels.sol";
import {Circles} from "./base/Circles.sol";
import {Ledger} from "./base/Ledger.sol";
import {Payments} from "./base/Payments.sol";
import {Relays} from "./base/Relays.sol";

/// @title OffPay: payments that work with no network
/// @notice Money is locked here, people pay each other with signed messages, and only what is final is settled.
/// There is no owner, no pause and no upgrade: nobody has power over another's money.
/// @dev One contract for one token. `paidTo` at storage slot 0 is the proof that a payment took place.
contract OffPay is Accounts, Circles, Payments, Channels, Relays {
    /// @param configuration Fixed for good.
    constructor(Configuration memory configuration) Ledger(configuration) {}
}
