// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPay} from "../src/OffPay.sol";
import {Configuration, Security} from "../src/types/Types.sol";
import {Head} from "../src/lib/Heads.sol";

/// @title OffPay whose state can be anything
/// @notice Every function is the real one. The setters put a proof's arbitrary state in place.
contract Harness is OffPay {
    constructor(Configuration memory c) OffPay(c) {}

    function setBalance(address who, uint256 value) external {
        balanceOf[who].value = value;
    }

    function setSecurity(address who, Security calldata security) external {
        _securities[who] = security;
    }

    function setPurse(address key, uint256 head, address owner, uint96 pledge, address circle) external {
        _purses[key].head = Head.wrap(head);
        _purseOwners[key] = PurseOwner(owner, pledge);
        _circles[key] = circle;
    }

    function setClaims(address key, uint96 reserved, uint96 fromCollateral, uint64 pairs) external {
        _claims[key] = Claims(reserved, fromCollateral, pairs);
    }

    function setPair(address key, address payee, uint256 paid, PairDefault calldata pair, uint256 had)
        external
    {
        paidTo[key][payee].value = paid;
        _defaults[key][payee] = pair;
        _hadBefore[key][payee] = had;
    }

    function setChannel(bytes32 id, uint256 head, uint96 depositB, uint96 fromB) external {
        _channels[id].head = Head.wrap(head);
        _sidesB[id] = SideB(depositB, fromB);
    }
}
