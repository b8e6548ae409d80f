// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "solady/utils/EIP712.sol";

import {Events} from "../types/Events.sol";
import {
    InsufficientBalance,
    InvalidConfiguration,
    InvalidSignature,
    Reentered,
    ZeroAddress
} from "../types/Errors.sol";
import {Configuration, Membership, Security} from "../types/Types.sol";
import {Head} from "../lib/Heads.sol";
import {Signatures} from "../lib/Signatures.sol";

/// @title The state, who acts, and the lock
/// @notice Everything that OffPay stores is declared here, in the order of its storage slots. All else is rules.
abstract contract Ledger is EIP712, Events {
    /// @dev A word in a slot of its own. As a struct, so that its place is hashed once for reading and writing.
    struct Word {
        uint256 value;
    }

    /// @dev The head of a purse or channel, likewise.
    struct HeadWord {
        Head head;
    }

    /// @dev The owner and the pledge of a purse: one slot.
    struct PurseOwner {
        address owner;
        uint96 pledge;
    }

    /// @dev What a purse's defaults have claimed of its pledge: one slot.
    struct Claims {
        uint96 reserved;
        uint96 paidFromCollateral;
        uint64 pairsInDefault;
    }

    /// @dev A pair that was presented in default: one slot.
    /// `claim` is what is reserved while the pair is in default (`since` is set), else what it has had from
    /// collateral. A pair that is in default `again` keeps what it has had in `_hadBefore`. So the usual claim, by
    /// a pair that is in default once, writes one slot instead of two.
    struct PairDefault {
        uint96 presented;
        uint96 claim;
        uint40 since;
        bool wasMember;
        bool again;
    }

    /// @dev The second word of a two-way channel.
    struct SideB {
        uint96 deposit;
        uint96 from;
    }

    uint256 internal constant BPS = 10_000;

    /// @notice The ERC-20 that this contract holds.
    address public immutable token;
    /// @notice Receives what is left of a condemned purse's pledge.
    address public immutable treasury;
    /// @notice Seconds in which a payer in default can make good.
    uint40 public immutable SETTLEMENT_PERIOD;
    /// @notice Seconds until a purse closes, and until an admission, dismissal or registration counts.
    uint40 public immutable CLOSE_DELAY;
    /// @notice Least collateral of a registered account.
    uint96 public immutable HEALTHY_COLLATERAL;
    /// @notice Part of a condemned pledge that is never paid out in circle zero, in basis points.
    uint16 public immutable OPEN_PENALTY_BPS;
    /// @notice The same for every other circle.
    uint16 public immutable CIRCLE_PENALTY_BPS;

    /// @notice What a payee was credited from a purse in all, whether out of funds, balance or collateral: the
    /// proof that a payment took place is `paidTo[purse][payee] >= cumulative`. Its place is part of the
    /// interface: storage slot `keccak256(abi.encode(payee, keccak256(abi.encode(purse, uint256(0)))))`, which
    /// holds nothing else.
    mapping(address purse => mapping(address payee => Word)) public paidTo;
    /// @notice Free money, withdrawn at any time.
    mapping(address owner => Word) public balanceOf;
    mapping(address owner => Security) internal _securities;
    mapping(address circle => mapping(address payee => Membership)) internal _members;
    mapping(address circle => uint16) internal _circleSize;
    mapping(address key => HeadWord) internal _purses;
    mapping(address key => PurseOwner) internal _purseOwners;
    /// @dev Unset for purses in circle zero.
    mapping(address key => address) internal _circles;
    mapping(address key => Claims) internal _claims;
    mapping(address key => mapping(address payee => PairDefault)) internal _defaults;
    mapping(address key => mapping(address payee => uint256)) internal _hadBefore;
    mapping(bytes32 channel => HeadWord) internal _channels;
    mapping(bytes32 channel => SideB) internal _sidesB;
    mapping(address account => mapping(uint256 word => uint256 bits)) internal _nonces;

    /// @dev For whom the contract's calls to itself act; set by `relay` alone.
    address internal transient _acting;
    /// @dev 1 while the contract is at work. A word of its own, so that it needs no masking.
    uint256 private transient _locked;

    /// @dev One lock over every entry that changes state. The contract's calls to itself run under its relay's lock.
    modifier guarded() {
        bool outermost = _lock();
        _;
        _unlock(outermost);
    }

    constructor(Configuration memory c) {
        if (c.token.code.length == 0 || c.treasury == address(0) || c.treasury == address(this)) {
            revert InvalidConfiguration();
        }
        if (c.settlementPeriod == 0 || c.settlementPeriod > 30 days) revert InvalidConfiguration();
        if (c.closeDelay < 2 * uint256(c.settlementPeriod) || c.closeDelay > 365 days) {
            revert InvalidConfiguration();
        }
        if (c.healthyCollateral == 0 || c.openPenaltyBps > BPS || c.circlePenaltyBps > BPS) {
            revert InvalidConfiguration();
        }
        token = c.token;
        treasury = c.treasury;
        SETTLEMENT_PERIOD = c.settlementPeriod;
        CLOSE_DELAY = c.closeDelay;
        HEALTHY_COLLATERAL = c.healthyCollateral;
        OPEN_PENALTY_BPS = c.openPenaltyBps;
        CIRCLE_PENALTY_BPS = c.circlePenaltyBps;
    }

    /// @dev The account that acts: the caller, or whoever signed the relay that the contract is running.
    function _actor() internal view returns (address) {
        return msg.sender == address(this) ? _acting : msg.sender;
    }

    function _now() internal view returns (uint40) {
        return uint40(block.timestamp);
    }

    /// @dev Adds to a balance. All holdings stay below 2^96, so the sum cannot overflow.
    function _credit(address account, uint256 amount) internal {
        Word storage balance = balanceOf[account];
        unchecked {
            balance.value += amount;
        }
    }

    function _debit(address account, uint256 amount) internal {
        Word storage balance = balanceOf[account];
        uint256 before = balance.value;
        if (amount > before) revert InsufficientBalance(account, before, amount);
        unchecked {
            balance.value = before - amount;
        }
    }

    /// @dev Sets or clears `registeredAt` after the collateral changed.
    function _refreshRegistration(address owner, Security storage security) internal {
        bool healthy = security.collateral >= HEALTHY_COLLATERAL;
        if (healthy == (security.registeredAt != 0)) return;
        uint40 registeredAt = healthy ? _now() : 0;
        security.registeredAt = registeredAt;
        emit RegistrationChanged(owner, registeredAt);
    }

    /// @dev Ends `amount` of a pledge: it becomes free collateral or, if `slash`, leaves the account.
    function _unpledge(address owner, uint96 amount, bool slash) internal {
        Security storage security = _securities[owner];
        security.pledged -= amount;
        if (slash) {
            security.collateral -= amount;
            _refreshRegistration(owner, security);
        }
    }

    /// @dev A payee that counts as a member of the circle now. In circle zero: registered for CLOSE_DELAY.
    function _isMember(address circle, address payee) internal view returns (bool) {
        if (circle == address(0)) {
            uint40 registeredAt = _securities[payee].registeredAt;
            return registeredAt != 0 && block.timestamp >= uint256(registeredAt) + CLOSE_DELAY;
        }
        Membership storage membership = _members[circle][payee];
        return membership.from <= block.timestamp && block.timestamp < membership.until;
    }

    /// @dev The signer of an EIP-712 message, or zero.
    function _recover(bytes32 structHash, bytes calldata signature) internal view returns (address) {
        (bytes32 r, bytes32 vs) = Signatures.compact(signature);
        return Signatures.recover(_domainSeparator(), structHash, r, vs);
    }

    /// @dev Zero signs nothing.
    function _requireSigner(bytes32 structHash, bytes calldata signature, address signer) internal view {
        if (signer == address(0) || _recover(structHash, signature) != signer) {
            revert InvalidSignature(signer);
        }
    }

    function _requireAddress(address account) internal pure {
        if (account == address(0)) revert ZeroAddress();
    }

    function _lock() private returns (bool outermost) {
        outermost = msg.sender != address(this);
        if (outermost) {
            if (_locked != 0) revert Reentered();
            _locked = 1;
        }
    }

    function _unlock(bool outermost) private {
        if (outermost) _locked = 0;
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("OffPay", "1");
    }
}
