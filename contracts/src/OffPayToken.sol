// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title $OFFPAY
/// @notice An ERC-20 with EIP-2612 permits. Its owner mints on test networks; renouncing the ownership ends that.
contract OffPayToken is ERC20Permit, Ownable {
    /// @param owner_ Who may mint.
    constructor(address owner_) ERC20("OffPay", "OFFPAY") ERC20Permit("OffPay") Ownable(owner_) {}

    /// @notice Creates tokens, in base units of 10^-18.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
