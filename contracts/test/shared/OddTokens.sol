// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev Anyone mints.
abstract contract TestToken is ERC20("Test", "TEST") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev Takes a share of every transfer (above 100 % it takes from the receiver besides), or adds one.
contract FeeToken is TestToken {
    uint256 public feePercent;
    uint256 public bonusPercent;

    function setFee(uint256 percent) external {
        feePercent = percent;
    }

    function setBonus(uint256 percent) external {
        bonusPercent = percent;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0)) return;
        super._update(to, address(0), amount * feePercent / 100);
        super._update(address(0), to, amount * bonusPercent / 100);
    }
}

/// @dev Says false instead of reverting.
contract FalseToken is TestToken {
    bool public refusing;

    function refuse() external {
        refusing = true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transferFrom(from, to, amount);
    }
}

/// @dev Returns no value, as USDT does.
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Knows no permits, and answers every call that it does not know with silence, as WETH9 does.
contract FallbackToken is TestToken {
    fallback() external {}
}

/// @dev Like FallbackToken, but it answers every unknown call with a number: `nonces` does not move.
contract ConstantToken is TestToken {
    fallback() external {
        assembly {
            mstore(0, 7)
            return(0, 32)
        }
    }
}

/// @dev Calls `target` whenever tokens move, and whenever a permit or an authorization comes, like an ERC-777 that
/// calls its senders and receivers.
contract HookedToken is TestToken {
    address public target;
    bytes public hook;
    uint256 public calls;
    bool public succeeded;
    bytes public result;

    function setHook(address target_, bytes calldata hook_) external {
        (target, hook, calls) = (target_, hook_, 0);
    }

    function permit(address owner, address spender, uint256 value, uint256, uint8, bytes32, bytes32)
        external
    {
        _callHook();
        _approve(owner, spender, value);
    }

    function nonces(address) external pure returns (uint256) {
        return 0;
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        uint8,
        bytes32,
        bytes32
    ) external {
        _transfer(from, to, value);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0)) _callHook();
    }

    function _callHook() private {
        if (hook.length == 0) return;
        ++calls;
        (succeeded, result) = target.call(hook);
    }
}
