// Checks the rest of the published test vectors: what is computed rather than signed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAbiParameters, getAddress, hashDomain, hashTypedData, recoverAddress } from "viem";
import { TILL_TYPEHASH, conflict, cover, isWellFormed, paidToSlot, till } from "./rules.mjs";
import { EIP712_DOMAIN, domain, vectors } from "./vectors.mjs";

/** One test to a list; an empty list must not pass for a good one. */
function rows(name, list, check) {
  test(`${name}: ${list.length} rows`, async () => {
    assert.notEqual(list.length, 0);
    for (const row of list) await check(row);
  });
}

test("domain separator", () => {
  assert.equal(hashDomain({ domain, types: { EIP712Domain: EIP712_DOMAIN } }), vectors.domainSeparator);
});

test("till type hash", () => assert.equal(TILL_TYPEHASH, vectors.tillTypehash));

rows("tills", vectors.tills, ({ owner, index, till: expected }) => {
  assert.equal(till(owner, BigInt(index)), getAddress(expected));
});

rows("slots of paidTo", vectors.slots, ({ purse, payee, slot }) => {
  assert.equal(paidToSlot(purse, payee), slot);
});

rows("cover", vectors.cover, (row) => {
  const got = cover(BigInt(row.pledge), BigInt(row.penaltyBps), BigInt(row.coverCount));
  assert.deepEqual(got, { cover: BigInt(row.cover), share: BigInt(row.share) });
});

const { types } = vectors.messages.find(({ primaryType }) => primaryType === "Payment");

/** A payment out of its ABI encoding, and its digest. */
function payment(encoded) {
  const values = decodeAbiParameters(types.Payment, encoded);
  const message = Object.fromEntries(types.Payment.map(({ name }, index) => [name, values[index]]));
  return { message, digest: hashTypedData({ domain, types, primaryType: "Payment", message }) };
}

rows("double spends", vectors.conflicts, async (row) => {
  const [a, b] = [payment(row.a), payment(row.b)];
  assert.equal(await recoverAddress({ hash: a.digest, signature: row.signatureA }), getAddress(row.key), row.why);
  assert.equal(await recoverAddress({ hash: b.digest, signature: row.signatureB }), getAddress(row.key), row.why);

  const wellFormed = isWellFormed(a.message) && isWellFormed(b.message);
  assert.equal(wellFormed, row.wellFormed, row.why);
  const rule = wellFormed && a.digest !== b.digest ? conflict(a.message, b.message) : "none";
  assert.equal(rule, row.rule, row.why);
  assert.equal(rule !== "none", row.conflict, row.why);
});
