// A payer that shares no code with OffPay hands its payments to a running server: `OFFPAY_SERVER` is its URL, `OFFPAY_NODE`
// that of its local chain.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestClient, http, isAddressEqual } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { OFFPAY, chain, clearedBy, pay, payer, reference, rootOf } from "./merchant.mjs";

const { OFFPAY_SERVER: server, OFFPAY_NODE: node } = process.env;
if (!server || !node) throw new Error("name the server in OFFPAY_SERVER and its chain's node in OFFPAY_NODE");

const UNIT = 10n ** 18n;
const operator = await (await fetch(`${server}/v1/operator`)).json();
const local = await chain(node, operator.domain.contract ?? operator.domain.verifyingContract);
const miner = createTestClient({ mode: "anvil", transport: http(node) });

const text = (message) =>
  Object.fromEntries(Object.entries(message).map(([name, value]) => [name, typeof value === "bigint" ? `${value}` : value]));

async function handIn({ message, signature }) {
  const response = await fetch(`${server}/v1/payments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payment: { domain: operator.domain, message: text(message), signature } }),
  });
  return { status: response.status, body: await response.json() };
}

/** Asks again, with new blocks in between, until there is an answer. */
async function eventually(what, ask) {
  for (let turn = 0; turn < 120; turn++) {
    const answer = await ask();
    if (answer) return answer;
    await miner.mine({ blocks: 1 });
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`not in time: ${what}`);
}

test("a payment signed with viem is cleared at once, settled by itself, and a double spend is not", async () => {
  const alice = await payer(local, { funds: 100n * UNIT, pledge: 10n * UNIT, coverCount: 50, circle: operator.circle });
  const [shop, friend] = [0, 1].map(() => privateKeyToAccount(generatePrivateKey()).address);

  const bread = await pay(local, alice, shop, 5n * UNIT, reference("bread"));
  const { body: cleared } = await eventually("the purse is open in a final block", async () => {
    const answer = await handIn(bread);
    if (answer.status === 404) return null;
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer;
  });
  assert.equal(cleared.id, bread.id);
  assert.ok(isAddressEqual(cleared.purse, alice.purse));
  assert.equal(rootOf(alice.purse, bread.id, cleared.path), cleared.clearance.message.root);
  const signer = await clearedBy(local, cleared.clearance.message, cleared.clearance.signature);
  assert.ok(isAddressEqual(signer, operator.operator));

  // Handed in again, it is not another payment.
  assert.deepEqual((await handIn(bread)).body, cleared);

  // The same serials for somebody else: a copied device.
  const copy = { ...alice, spent: 0n, promised: new Map() };
  const stolen = await handIn(await pay(local, copy, friend, 5n * UNIT, reference("again")));
  assert.equal(stolen.status, 409);
  assert.equal(stolen.body.code, "double_spend");

  await eventually("the shop has its money on-chain", async () => {
    const args = [alice.purse, shop];
    return (await local.reader.readContract({ address: local.contract, abi: OFFPAY, functionName: "paidTo", args })) >= 5n * UNIT;
  });
});
