// The published test vectors, as the Rust crate `offpay-protocol` writes them.
import { readFileSync } from "node:fs";

export const vectors = JSON.parse(
  readFileSync(new URL("../crates/protocol/vectors.json", import.meta.url), "utf8"),
);

export const domain = { ...vectors.domain, chainId: Number(vectors.domain.chainId) };

export const EIP712_DOMAIN = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
];
