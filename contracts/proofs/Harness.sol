// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {OffPay} from "../src/OffPay.sol";
import {Configuration, Security} from "../src/types/Types.sol";
import {Head} from "../src/lib/Heads.sol";

/// @title OffPay whose state can be anything
/// @notice Every function is the real one. The setters put a proof's arbitrary state in place.
contract Harness is OffPay {
    /// @dev A purse and one pair of it, as they are stored.
    struct PurseWords {
        uint256 head;
        uint256 owned;
        address circle;
        uint256 claims;
        uint256 pair;
        uint256 had;
        uint256 paid;
    }

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

    function setWords(address key, address payee, PurseWords calldata w) external {
        _purses[key].head = Head.wrap(w.head);
        PurseOwner storage owned = _purseOwners[key];
        Claims storage claims = _claims[key];
        PairDefault storage pair = _defaults[key][payee];
        (uint256 ownedWord, uint256 claimsWord, uint256 pairWord) = (w.owned, w.claims, w.pair);
        assembly {
            sstore(owned.slot, ownedWord)
            sstore(claims.slot, claimsWord)
            sstore(pair.slot, pairWord)
        }
        _circles[key] = w.circle;
        _hadBefore[key][payee] = w.had;
        paidTo[key][payee].value = w.paid;
    }

    function words(address key, address payee) external view returns (PurseWords memory w) {
        PurseOwner storage owned = _purseOwners[key];
        Claims storage claims = _claims[key];
        PairDefault storage pair = _defaults[key][payee];
        (uint256 ownedWord, uint256 claimsWord, uint256 pairWord) = (0, 0, 0);
        assembly {
            ownedWord := sload(owned.slot)
            claimsWord := sload(claims.slot)
            pairWord := sload(pair.slot)
        }
        uint256 head = Head.unwrap(_purses[key].head);
        return PurseWords(
            head,
            ownedWord,
            _circles[key],
            claimsWord,
            pairWord,
            _hadBefore[key][payee],
            paidTo[key][payee].value
        );
    }

    /// @dev `collateral`, `pledged` and `registeredAt`, from the low bits up.
    function securityWord(address who) external view returns (uint256 word) {
        Security storage security = _securities[who];
        assembly {
            word := sload(security.slot)
        }
    }
}
