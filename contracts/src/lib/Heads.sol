// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev The one word of a purse or channel that payments read and write.
///
/// | bits      | purse        | channel                               |
/// | --------- | ------------ | ------------------------------------- |
/// | 0 - 95    | `funds`      | deposit of `a` (closed: `fromB`)      |
/// | 96 - 191  | `paid`       | `fromA`                               |
/// | 192 - 231 | `closesAt`   | `closesAt`                            |
/// | 232 - 247 | `coverCount` | unused                                |
/// | 248 - 255 | flags        | flags                                 |
type Head is uint256;

using Heads for Head global;

/// @title Packing of heads
/// @notice One SLOAD and one SSTORE for each payment; a Solidity struct would take several.
library Heads {
    /// @dev Opened once, ever: a head that is not zero is never used again.
    uint256 internal constant OPENED = 1;
    /// @dev A double spend was reported.
    uint256 internal constant REPORTED = 2;
    /// @dev Some pair was in default at some time.
    uint256 internal constant DEFAULTED = 4;
    /// @dev A default was not made good in time.
    uint256 internal constant CONDEMNED = 8;
    /// @dev Closed. Only the tombstone is left.
    uint256 internal constant CLOSED = 16;

    uint256 private constant MASK_96 = type(uint96).max;

    /// @dev A new head. The arguments must fit their fields.
    function opened(uint256 funds_, uint256 coverCount_) internal pure returns (Head) {
        return Head.wrap(funds_ | (coverCount_ << 232) | (OPENED << 248));
    }

    function funds(Head head) internal pure returns (uint256) {
        return Head.unwrap(head) & MASK_96;
    }

    function paid(Head head) internal pure returns (uint256) {
        return (Head.unwrap(head) >> 96) & MASK_96;
    }

    function closesAt(Head head) internal pure returns (uint40) {
        return uint40(Head.unwrap(head) >> 192);
    }

    function coverCount(Head head) internal pure returns (uint16) {
        return uint16(Head.unwrap(head) >> 232);
    }

    function has(Head head, uint256 flag) internal pure returns (bool) {
        return (Head.unwrap(head) >> 248) & flag != 0;
    }

    function exists(Head head) internal pure returns (bool) {
        return Head.unwrap(head) != 0;
    }

    /// @dev `value` must fit 96 bits.
    function withFunds(Head head, uint256 value) internal pure returns (Head) {
        return Head.wrap((Head.unwrap(head) & ~MASK_96) | value);
    }

    /// @dev `value` must fit 96 bits.
    function withPaid(Head head, uint256 value) internal pure returns (Head) {
        return Head.wrap((Head.unwrap(head) & ~(MASK_96 << 96)) | (value << 96));
    }

    /// @dev Adds to `paid`, which must still fit 96 bits.
    function withMorePaid(Head head, uint256 amount) internal pure returns (Head) {
        unchecked {
            return Head.wrap(Head.unwrap(head) + (amount << 96));
        }
    }

    /// @dev Sets `closesAt`, which must be unset.
    function withClosesAt(Head head, uint40 value) internal pure returns (Head) {
        return Head.wrap(Head.unwrap(head) | (uint256(value) << 192));
    }

    function withFlag(Head head, uint256 flag) internal pure returns (Head) {
        return Head.wrap(Head.unwrap(head) | (flag << 248));
    }
}
