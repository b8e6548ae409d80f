// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The rows of a batch's one event: a word each
/// @notice Room is taken once, for as many rows as there can be; the array's length is what was pushed.
library Rows {
    /// @dev An empty array with room for `most` rows.
    function withRoom(uint256 most) internal pure returns (bytes32[] memory rows) {
        assembly ("memory-safe") {
            rows := mload(0x40)
            mstore(rows, 0)
            mstore(0x40, add(rows, add(0x20, shl(5, most))))
        }
    }

    /// @dev Appends a row. The caller has not pushed as many as there is room for.
    function push(bytes32[] memory rows, uint256 row) internal pure {
        assembly ("memory-safe") {
            let length := add(mload(rows), 1)
            mstore(rows, length)
            mstore(add(rows, shl(5, length)), row)
        }
    }
}
