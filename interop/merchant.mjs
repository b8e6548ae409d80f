// A payer and a payee of their own, with viem alone: what anybody can write against the contract and the operator's HTTP API
// from the documents. Nothing of the Rust code is used.
import {
  concat,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeAbiParameters,
  hashTypedData,
  http,
  keccak256,
  parseAbi,
  recoverTypedDataAddress,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

export const OFFPAY = parseAbi([
  "function token() view returns (address)",
  "function HEALTHY_COLLATERAL() view returns (uint96)",
  "function register(uint96 collateral)",
  "function deposit(uint96 amount)",
  "function openPurse(address key, uint96 funds, uint96 pledge, uint16 coverCount, address circle, bytes keySignature)",
  "function paidTo(address purse, address payee) view returns (uint96)",
  "function balanceOf(address owner) view returns (uint96)",
]);

const TOKEN = parseAbi([
  "function owner() view returns (address)",
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount) returns (bool)",
]);

const PAYMENT = {
  Payment: [
    { name: "payee", type: "address" },
    { name: "start", type: "uint96" },
    { name: "amount", type: "uint96" },
    { name: "cumulative", type: "uint96" },
    { name: "reference", type: "bytes32" },
  ],
};
const PURSE_KEY = { PurseKey: [{ name: "owner", type: "address" }] };
const CLEARANCE = {
  Clearance: [
    { name: "root", type: "bytes32" },
    { name: "clearedAt", type: "uint40" },
  ],
};

/** The chain as viem sees it. */
export async function chain(url, contract) {
  const transport = http(url);
  const reader = createPublicClient({ transport });
  const chainId = await reader.getChainId();
  const domain = { name: "OffPay", version: "1", chainId, verifyingContract: contract };
  return { transport, reader, chainId, contract, domain };
}

async function write(chain, account, request) {
  const client = createWalletClient({ account, transport: chain.transport });
  const hash = await client.writeContract({ chain: null, ...request });
  const receipt = await chain.reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`${request.functionName} reverted`);
}

/** On a local chain: gas from the node, and tokens from whoever may mint them. */
export async function fund(chain, address, tokens) {
  const node = createTestClient({ mode: "anvil", transport: chain.transport });
  const token = await chain.reader.readContract({ address: chain.contract, abi: OFFPAY, functionName: "token" });
  const owner = await chain.reader.readContract({ address: token, abi: TOKEN, functionName: "owner" });
  for (const who of [address, owner]) await node.setBalance({ address: who, value: 10n ** 20n });
  await node.impersonateAccount({ address: owner });
  await write(chain, owner, { address: token, abi: TOKEN, functionName: "mint", args: [address, tokens] });
  await node.stopImpersonatingAccount({ address: owner });
  return token;
}

/** Registers an account, adds balance and opens a purse whose key is made here. */
export async function payer(chain, { funds, pledge, coverCount, circle }) {
  const owner = privateKeyToAccount(generatePrivateKey());
  const device = privateKeyToAccount(generatePrivateKey());
  const healthy = await chain.reader.readContract({
    address: chain.contract,
    abi: OFFPAY,
    functionName: "HEALTHY_COLLATERAL",
  });
  const collateral = pledge > healthy ? pledge : healthy;
  const token = await fund(chain, owner.address, collateral + funds);
  await write(chain, owner, {
    address: token,
    abi: TOKEN,
    functionName: "approve",
    args: [chain.contract, collateral + funds],
  });
  const act = (functionName, args) => write(chain, owner, { address: chain.contract, abi: OFFPAY, functionName, args });
  await act("register", [collateral]);
  await act("deposit", [funds]);
  const consent = await device.signTypedData({
    domain: chain.domain,
    types: PURSE_KEY,
    primaryType: "PurseKey",
    message: { owner: owner.address },
  });
  await act("openPurse", [device.address, funds, pledge, coverCount, circle, consent]);
  return { owner, purse: device.address, device, spent: 0n, promised: new Map() };
}

/** Signs the purse's next payment, as an honest wallet does: the next serials, and all that the payee was promised. */
export async function pay(chain, payer, payee, amount, reference) {
  const cumulative = (payer.promised.get(payee) ?? 0n) + amount;
  const message = { payee, start: payer.spent, amount, cumulative, reference };
  const signature = await payer.device.signTypedData({
    domain: chain.domain,
    types: PAYMENT,
    primaryType: "Payment",
    message,
  });
  payer.spent += amount;
  payer.promised.set(payee, cumulative);
  return { message, signature, id: hashTypedData({ domain: chain.domain, types: PAYMENT, primaryType: "Payment", message }) };
}

/** The root that a path leads to: a leaf is keccak(0x00 purse id), a node keccak(0x01 lower higher). */
export function rootOf(purse, id, path) {
  return path.reduce(
    (hash, sibling) => keccak256(concat(["0x01", ...[hash, sibling].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))])),
    keccak256(concat(["0x00", purse, id])),
  );
}

/** Who signed a clearance. */
export function clearedBy(chain, clearance, signature) {
  return recoverTypedDataAddress({
    domain: chain.domain,
    types: CLEARANCE,
    primaryType: "Clearance",
    message: { root: clearance.root, clearedAt: Number(clearance.clearedAt) },
    signature,
  });
}

/** A reference that names nothing but itself. */
export const reference = (text) => keccak256(encodeAbiParameters([{ type: "string" }], [text]));
