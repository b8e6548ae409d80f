// Checks the published test vectors with viem, which shares no line with the Rust that made them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  getAddress,
  hashStruct,
  hashTypedData,
  parseSignature,
  recoverTypedDataAddress,
  serializeCompactSignature,
  signatureToCompactSignature,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { recoverStrictly } from "./signature.mjs";
import { TYPES, encodeType, typedMessage } from "./types.mjs";
import { domain, vectors } from "./vectors.mjs";

test("every message of the protocol has a vector, with the protocol's own type", () => {
  const seen = new Set(vectors.messages.map(({ types, primaryType }) => encodeType(types, primaryType)));
  assert.deepEqual([...seen].sort(), [...TYPES].sort());
});

for (const [index, vector] of vectors.messages.entries()) {
  const { types, primaryType } = vector;
  const message = typedMessage(types, primaryType, vector.message);
  const typedData = { domain, types, primaryType, message };

  test(`${index} ${primaryType}: struct hash and digest`, () => {
    assert.equal(hashStruct({ data: message, primaryType, types }), vector.structHash);
    assert.equal(hashTypedData(typedData), vector.digest);
  });

  test(`${index} ${primaryType}: viem signs the same bytes`, async () => {
    const account = privateKeyToAccount(vector.privateKey);
    assert.equal(account.address, getAddress(vector.signer));
    // Nonces are by RFC 6979, so that two independent signers agree to the last bit.
    const signature = await account.signTypedData(typedData);
    assert.equal(signature, vector.signature65);
    assert.equal(
      serializeCompactSignature(signatureToCompactSignature(parseSignature(signature))),
      vector.signature64,
    );
  });

  test(`${index} ${primaryType}: the signer is recovered from both forms`, async () => {
    const signer = getAddress(vector.signer);
    assert.equal(await recoverTypedDataAddress({ ...typedData, signature: vector.signature65 }), signer);
    assert.equal(await recoverStrictly(vector.digest, vector.signature65), signer);
    assert.equal(await recoverStrictly(vector.digest, vector.signature64), signer);
  });
}

test("there are signatures to refuse", () => assert.notEqual(vectors.refused.length, 0));

for (const [index, { why, digest, signature }] of vectors.refused.entries()) {
  test(`refused ${index}: ${why}`, async () => {
    assert.equal(await recoverStrictly(digest, signature), null);
  });
}
