// What is known of the proofs, one by one, in docs/results/proofs.json. A proof's result counts until the contracts, what
// all proofs stand on, or its own file changes.
//   left NAME          prints the proofs whose names match and that are not known to be proven
//   all NAME           prints all proofs whose names match
//   keep COMMIT        reads what halmos says, passes it on, and adds each result as it comes
//   sum NAME           prints what is not proven of those whose names match, and the sum of all
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const KEPT = "docs/results/proofs.json";
const PROOFS = "contracts/proofs";
const [what, argument] = process.argv.slice(2);

const under = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
const files = readdirSync(PROOFS).map((name) => `${PROOFS}/${name}`);
const ground = [
    ...under("contracts/src"),
    ...files.filter((file) => !file.endsWith(".t.sol")),
    "contracts/foundry.toml",
    "contracts/package-lock.json",
    "scripts/halmos.txt",
].sort();

/** Each proof's name, and the hash of everything that its result is of. */
const proofs = new Map();
for (const file of files.filter((name) => name.endsWith(".t.sol")).sort()) {
    const hash = createHash("sha256");
    for (const one of [...ground, file]) hash.update(one).update(readFileSync(one));
    const digest = hash.digest("hex").slice(0, 12);
    for (const [, name] of readFileSync(file, "utf8").matchAll(/function (check_\w+)/g)) proofs.set(name, digest);
}

const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {};
const each = kept.result?.each ?? {};
for (const name of Object.keys(each)) {
    if (each[name].hash !== proofs.get(name)) delete each[name];
}

const matching = [...proofs.keys()].filter((name) => new RegExp(argument ?? "").test(name));
const count = (outcome) => Object.values(each).filter((one) => one.outcome === outcome).length;
const sum = () => ({ proven: count("proven"), proofs: proofs.size, refuted: count("refuted") });

if (what === "left") {
    for (const name of matching) if (each[name]?.outcome !== "proven") console.log(name);
} else if (what === "all") {
    for (const name of matching) console.log(name);
} else if (what === "keep") {
    for await (const line of createInterface({ input: process.stdin })) {
        console.log(line);
        // Colours first; a proof's arguments are left out.
        const told = line.replace(/\x1b\[[0-9;]*m/g, "").match(/^\[(\w+)\] (check_\w+)\(.*time: ([0-9.]+)s/);
        if (!told || !proofs.has(told[2])) continue;
        const outcome = { PASS: "proven", FAIL: "refuted" }[told[1]] ?? "not answered";
        each[told[2]] = { outcome, seconds: Math.round(Number(told[3])), hash: proofs.get(told[2]), commit: argument };
        const ordered = Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
        mkdirSync("docs/results", { recursive: true });
        writeFileSync(KEPT, `${JSON.stringify({ commit: argument, result: { ...sum(), each: ordered } }, null, 1)}\n`);
    }
} else {
    for (const name of matching) {
        if (each[name]?.outcome !== "proven") console.log(`not proven: ${name}${each[name] ? ` (${each[name].outcome})` : ""}`);
    }
    console.log(JSON.stringify(sum()));
}
