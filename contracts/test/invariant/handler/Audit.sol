// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChannelState, PairState, PurseState, Security} from "../../../src/types/Types.sol";
import {TimeActions} from "./TimeActions.sol";

/// @title What must hold between any two operations
/// @notice Each function answers what is wrong, or an empty string. They look at the contract alone wherever that
/// suffices; the model is only asked for what the contract does not keep.
abstract contract Audit is TimeActions {
    uint256 private bystanderBefore;

    // --- Money

    /// @notice The contract has what it owes.
    function auditSolvency() external view returns (string memory) {
        return token.balanceOf(address(offpay)) == _owed() + donated
            ? ""
            : "the contract does not have what it owes";
    }

    /// @notice It owes what came in and has not gone out.
    function auditConservation() external view returns (string memory) {
        return _owed() == cameIn - wentOut ? "" : "tokens were created or lost";
    }

    function _owed() private view returns (uint256 total) {
        for (uint256 i; i < accounts.length; ++i) {
            total += offpay.balanceOf(accounts[i]) + offpay.securityOf(accounts[i]).collateral;
        }
        for (uint256 i; i < purses.length; ++i) {
            PurseState memory purse = offpay.purseOf(purses[i].key);
            total += purse.funds - purse.paid;
        }
        for (uint256 i; i < channels.length; ++i) {
            ChannelState memory c = offpay.channelOf(channels[i].id);
            if (!c.open) continue;
            total += uint256(c.depositA) + c.depositB;
            // A one-way channel credits its vouchers as they come.
            if (!channels[i].twoWay) total -= c.fromA;
        }
    }

    /// @notice No purse pays more than its funds, and what pairs were paid is what it paid, made good or had taken.
    function auditFunds() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            PurseState memory purse = offpay.purseOf(purses[i].key);
            if (purse.paid > purse.funds) return "a purse paid more than its funds";
            if (purse.closed && purse.paid != purse.funds) return "a closed purse has funds left";
            uint256 total;
            for (uint256 j; j < payees.length; ++j) {
                total += offpay.paidTo(purses[i].key, payees[j]);
            }
            if (total < purse.paid) return "a purse paid more than its payees got";
            if (!purse.defaulted && total != purse.paid) return "payees got more than their purse paid";
        }
        return "";
    }

    // --- People

    /// @notice An honest payer is never in default, and no purse of it is stopped as a double spender.
    function auditHonest() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            if (purses[i].owner != honest) continue;
            PurseState memory purse = offpay.purseOf(purses[i].key);
            if (purse.defaulted || purse.condemned || purse.reported) {
                return "an honest payer's purse was stopped";
            }
        }
        return broken[5];
    }

    /// @notice An owner that makes good in time is never condemned.
    function auditRestored() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            if (purses[i].owner != restored) continue;
            if (offpay.purseOf(purses[i].key).condemned) {
                return "an owner that made good in time was condemned";
            }
        }
        return broken[6];
    }

    /// @notice What was guaranteed and handed in before its date is paid or reserved, and then paid.
    function auditPromises() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            for (uint256 j; j < 3; ++j) {
                if (_sum(i, payees[j]) < promises[i][payees[j]].kept) {
                    return "a guaranteed payment is not covered";
                }
            }
        }
        return "";
    }

    /// @notice Whoever claimed among the first N members has its cover.
    function auditFirstClaims() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            for (uint256 j; j < payees.length; ++j) {
                if (_sum(i, payees[j]) < sureOf[i][payees[j]]) return "one of the first N lost its cover";
            }
        }
        return "";
    }

    function _sum(uint256 i, address payee) private view returns (uint256) {
        PairState memory pair = offpay.pairOf(purses[i].key, payee);
        return pair.paid + pair.reserved;
    }

    /// @notice The bystander has what it had.
    function auditBystander() external view returns (string memory) {
        return _bystander() == bystanderBefore ? "" : "something happened to a bystander";
    }

    function _bystander() private view returns (uint256) {
        return uint256(
            keccak256(
                abi.encode(
                    offpay.balanceOf(bystander),
                    offpay.securityOf(bystander),
                    offpay.purseOf(purses[0].key),
                    token.balanceOf(bystander)
                )
            )
        );
    }

    function _rememberBystander() internal {
        bystanderBefore = _bystander();
    }

    // --- Collateral

    /// @notice Nobody gets more than one cover out of a pledge, or more than was promised to it.
    function auditCovers() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            for (uint256 j; j < payees.length; ++j) {
                PairState memory pair = offpay.pairOf(purses[i].key, payees[j]);
                uint256 taken = uint256(pair.fromCollateral) + pair.reserved;
                if (taken > _cover(i)) return "more than one cover";
                if (taken != 0 && !pair.wasMember) return "a cover for somebody who never was a member";
                if (pair.paid + pair.reserved > signedUpTo[i][payees[j]]) return "more than was promised";
                if (pair.fromCollateral > pair.paid) {
                    return "paidTo does not count what came from collateral";
                }
                if (pair.inDefaultSince == 0 && pair.reserved != 0) return "a reservation with no default";
            }
        }
        return "";
    }

    /// @notice What is reserved and what was paid out of a pledge are the sums over the pairs, and stay below the
    /// payable share.
    function auditReservations() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            PurseState memory purse = offpay.purseOf(purses[i].key);
            uint256 reserved;
            uint256 had;
            uint256 inDefault;
            for (uint256 j; j < payees.length; ++j) {
                PairState memory pair = offpay.pairOf(purses[i].key, payees[j]);
                reserved += pair.reserved;
                had += pair.fromCollateral;
                if (pair.inDefaultSince != 0) ++inDefault;
            }
            if (reserved + had > _payable(i)) return "more than the payable share";
            if (purse.closed) {
                if (reserved != 0 || inDefault != 0) return "a closed purse with a default";
                continue;
            }
            if (reserved != purse.reserved || had != purse.paidFromCollateral) {
                return "the sums are not the pairs'";
            }
            if (inDefault != purse.pairsInDefault) return "pairsInDefault";
        }
        return "";
    }

    /// @notice Of a pledge whose purse was condemned, at most the payable share ever comes back to anybody: the
    /// penalty is lost, however many of the claimants were the owner's own accounts.
    function auditPenalties() external view returns (string memory) {
        uint256 forfeited;
        for (uint256 i; i < purses.length; ++i) {
            uint256 had;
            for (uint256 j; j < payees.length; ++j) {
                had += offpay.pairOf(purses[i].key, payees[j]).fromCollateral;
            }
            if (had > _payable(i)) return "a cheat got more than the payable share";
            if (had != 0 && !offpay.purseOf(purses[i].key).condemned) {
                return "collateral was paid, and no penalty";
            }
            forfeited += purses[i].forfeited;
            if (!purses[i].closed || !purses[i].condemned) continue;
            if (purses[i].forfeited < purses[i].pledge - _payable(i)) return "a cheat kept its penalty";
        }
        return
            offpay.balanceOf(TREASURY) == forfeited
                ? broken[11]
                : "the treasury did not get what was forfeited";
    }

    /// @notice What an account has pledged is what its open purses' pledges still are, and no more than it has.
    function auditPledges() external view returns (string memory) {
        for (uint256 i; i < accounts.length; ++i) {
            uint256 pledged;
            for (uint256 k; k < purses.length; ++k) {
                if (purses[k].owner != accounts[i]) continue;
                PurseState memory purse = offpay.purseOf(purses[k].key);
                if (purse.open) pledged += purse.pledge - purse.paidFromCollateral;
            }
            Security memory security = offpay.securityOf(accounts[i]);
            if (security.pledged != pledged) return "pledged is not the sum of the pledges";
            if (security.pledged > security.collateral) return "more is pledged than there is";
        }
        return broken[13];
    }

    // --- Circles and registrations

    /// @notice An account is registered while its collateral is enough, since it last became so.
    function auditRegistrations() external view returns (string memory) {
        for (uint256 i; i < accounts.length; ++i) {
            Security memory security = offpay.securityOf(accounts[i]);
            if ((security.registeredAt != 0) != (security.collateral >= HEALTHY)) {
                return "registered or healthy";
            }
            if (security.registeredAt != healthySince[accounts[i]]) return "registered since another time";
        }
        return broken[14];
    }

    /// @notice A circle's size counts whoever was admitted and not pruned; membership is what was decided in time.
    function auditCircles() external view returns (string memory) {
        for (uint256 i; i < circles.length; ++i) {
            if (offpay.circleSize(circles[i]) != _circleSize(circles[i])) {
                return "circleSize is not a recount";
            }
            for (uint256 j; j < payees.length; ++j) {
                if (offpay.isMember(circles[i], payees[j]) != _isMember(circles[i], payees[j])) {
                    return "membership";
                }
            }
        }
        return broken[15];
    }

    // --- All of it

    /// @notice Every purse and pair is as a naive reading of section 5 says.
    function auditModel() external view returns (string memory) {
        for (uint256 i; i < purses.length; ++i) {
            string memory difference = _difference(i);
            if (bytes(difference).length != 0) return difference;
        }
        return broken[22];
    }
}
