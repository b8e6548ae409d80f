// The rules that a payee, a watchtower or a verifier has to reckon out for itself, from docs/protocol.md.
import { encodeAbiParameters, getAddress, keccak256, parseAbiParameters, slice, toHex } from "viem";

const hashOf = (types, values) => keccak256(encodeAbiParameters(parseAbiParameters(types), values));

export const TILL_TYPEHASH = keccak256(toHex("Till(address owner,uint256 index)"));

/** The address of an owner's till: the last 20 bytes of a hash, so that nobody has a key for it. */
export function till(owner, index) {
  return getAddress(slice(hashOf("bytes32, address, uint256", [TILL_TYPEHASH, owner, index]), 12));
}

/** Where `paidTo[purse][payee]`, the contract's first variable, is stored. */
export function paidToSlot(purse, payee) {
  return hashOf("address, bytes32", [payee, hashOf("address, uint256", [purse, 0n])]);
}

/** What one payee can claim of a pledge, and what all of them can. */
export function cover(pledge, penaltyBps, coverCount) {
  const left = pledge * (10_000n - penaltyBps);
  return { cover: left / (10_000n * coverCount), share: left / 10_000n };
}

const overlap = (a, b) => a.from < b.until && b.from < a.until;
const serials = ({ start, amount }) => ({ from: start, until: start + amount });
const promised = ({ cumulative, amount }) => ({ from: cumulative - amount, until: cumulative });

export function isWellFormed({ payee, start, amount, cumulative }) {
  return BigInt(payee) !== 0n && 0n < amount && amount <= cumulative && cumulative <= start + amount;
}

/** The rule by which two different, well-formed payments of one key prove a double spend, or "none". */
export function conflict(a, b) {
  if (overlap(serials(a), serials(b))) return "i";
  if (a.payee === b.payee) return overlap(promised(a), promised(b)) ? "ii" : "none";
  const ends = [a, b].map(({ start, amount }) => start + amount);
  const spent = ends[0] > ends[1] ? ends[0] : ends[1];
  return a.cumulative + b.cumulative > spent ? "iii" : "none";
}
