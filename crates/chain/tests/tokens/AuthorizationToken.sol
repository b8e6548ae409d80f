// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// A token with EIP-3009 authorizations that believes every signature, and keeps the rest of the rules.
/// AuthorizationToken.hex is this, compiled: solc --optimize --evm-version cancun --no-cbor-metadata --bin
contract AuthorizationToken {
    uint8 public constant decimals = 18;
    string public constant symbol = "AUTH";
    mapping(address => uint256) public balanceOf;
    mapping(bytes32 => bool) public used;

    constructor() {
        balanceOf[msg.sender] = 1e24;
    }

    function transfer(address to, uint256 amount) public returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32,
        bytes32
    ) external {
        require(msg.sender == to, "not the payee");
        require(block.timestamp > validAfter && block.timestamp < validBefore, "not now");
        require(!used[nonce] && (v == 27 || v == 28), "used");
        used[nonce] = true;
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}
