#!/usr/bin/env node
// artifact.mjs BUILD_INFO CONTRACT FOLDER
//
// Out of forge's build info of src/CONTRACT.sol, writes into FOLDER
//   CONTRACT.json                 name, compiler, ABI and bytecode: what Rust makes its bindings from
//   CONTRACT.compiler-input.json  the compiler's input, sources included: what a block explorer verifies from
// and makes sure that the second compiles to the first.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const solc = createRequire(import.meta.url)("solc");
const [buildInfo, name, folder] = process.argv.slice(2);
const { input, output } = JSON.parse(readFileSync(buildInfo, "utf8"));
const source = `src/${name}.sol`;

const compilerInput = {
  language: "Solidity",
  sources: sorted(input.sources, ({ content }) => ({ content })),
  settings: {
    ...input.settings,
    remappings: usedRemappings(),
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};

const built = contract(output);
const rebuilt = contract(JSON.parse(solc.compile(JSON.stringify(compilerInput))));
if (rebuilt.bytecode !== built.bytecode) {
  throw new Error(`${name}: the compiler input does not give the bytecode that forge built`);
}

writeFileSync(join(folder, `${name}.json`), artifactText());
writeFileSync(join(folder, `${name}.compiler-input.json`), `${JSON.stringify(compilerInput, null, 2)}\n`);

/** The contract's ABI and bytecode in the compiler's output. */
function contract(compilerOutput) {
  const errors = (compilerOutput.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  const { abi, evm } = compilerOutput.contracts[source][name];
  return { abi, bytecode: hex(evm.bytecode), deployedBytecode: hex(evm.deployedBytecode) };
}

function hex({ object }) {
  const digits = object.replace(/^0x/, "");
  // Unlinked code holds placeholders of letters: it could not be deployed.
  if (!/^([0-9a-f]{2})+$/.test(digits)) throw new Error(`${name}: the bytecode is empty or not linked`);
  return `0x${digits}`;
}

/** One line to an entry of the ABI, so that a change reads well in a diff. */
function artifactText() {
  const abi = built.abi.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  const field = (key, value) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  return `{
${field("contractName", name)},
${field("compiler", solc.version().replace(".Emscripten.clang", ""))},
  "abi": [
${abi}
  ],
${field("bytecode", built.bytecode)},
${field("deployedBytecode", built.deployedBytecode)}
}
`;
}

/** Those whose target holds one of the sources: the test library's is no business of a verifier. */
function usedRemappings() {
  const paths = Object.keys(input.sources);
  return input.settings.remappings
    .filter((line) => paths.some((path) => path.startsWith(line.slice(line.indexOf("=") + 1))))
    .sort();
}

function sorted(object, value) {
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, value(object[key])]),
  );
}
