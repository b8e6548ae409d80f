// What is known of the mutants: file by file, in docs/results/mutants.json. A file's result counts until the file changes.
//   left LISTED                          prints the files that are not tried, the smallest first
//   rest LISTED OUT FILE                 prints, as arguments of cargo-mutants, which of a file's were not tried woven
//   keep LISTED OUT FILE COMMIT SECONDS  adds what runs in OUT, of both kinds, found out about a file
//   sum LISTED                           prints the sum, and what was not noticed
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const KEPT = "docs/results/mutants.json";
const [what, listedFile, ...rest] = process.argv.slice(2);

const mutants = JSON.parse(readFileSync(listedFile, "utf8"));
const listed = new Map();
for (const mutant of mutants) {
    listed.set(mutant.file, (listed.get(mutant.file) ?? 0) + 1);
}

const hash = (file) => execFileSync("git", ["hash-object", file], { encoding: "utf8" }).trim().slice(0, 12);

const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {};
const files = kept.result?.files ?? {};
// What is gone or has changed since is not known any more.
for (const file of Object.keys(files)) {
    if (!listed.has(file) || files[file].hash !== hash(file)) delete files[file];
}

const sum = () => {
    const total = { mutants_total: 0, mutants_killed: 0, mutants_listed: 0, unviable: 0, seconds: 0 };
    for (const count of listed.values()) total.mutants_listed += count;
    for (const file of Object.values(files)) {
        total.mutants_total += file.killed + file.missed.length;
        total.mutants_killed += file.killed;
        total.unviable += file.unviable;
        total.seconds += file.seconds;
    }
    return total;
};

// What crates/mutants found out about a file as it is, by the mutant's name. Of two outcomes the later one counts.
const woven = (out, file) => {
    const outcomes = `${out}/outcomes.jsonl`;
    const known = new Map();
    if (!existsSync(outcomes)) return known;
    const now = hash(file);
    for (const line of readFileSync(outcomes, "utf8").split("\n")) {
        // A run that was killed may have left half a line.
        if (!line.endsWith("}")) continue;
        const tried = JSON.parse(line);
        if (tried.file !== file || !tried.hash.startsWith(now)) continue;
        if (tried.outcome !== "left") known.set(tried.name, tried);
    }
    return known;
};

const lines = (out, name) => {
    const file = `${out}/mutants.out/${name}.txt`;
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
};

if (what === "left") {
    const left = [...listed].filter(([file]) => !files[file]).sort((a, b) => a[1] - b[1]);
    for (const [file] of left) console.log(file);
} else if (what === "rest") {
    const [out, file] = rest;
    const known = woven(out, file);
    for (const mutant of mutants) {
        if (mutant.file !== file || known.has(mutant.name)) continue;
        console.log(`--re=^${mutant.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
    }
} else if (what === "keep") {
    const [out, file, commit, seconds] = rest;
    const known = [...woven(out, file).values()];
    const names = (outcome) => known.filter((tried) => tried.outcome === outcome).map((tried) => tried.name);
    const spent = known.reduce((sum, tried) => sum + tried.millis, 0) / 1000;
    // A second pass starts its lists anew: what the first one noticed is all that is not on them.
    const missed = [...lines(out, "missed"), ...names("missed")].sort();
    const unviable = names("unviable").length + new Set(["mutants.out", "mutants.out.old"].flatMap((run) => {
        const list = `${out}/${run}/unviable.txt`;
        return existsSync(list) ? readFileSync(list, "utf8").split("\n").filter(Boolean) : [];
    })).size;
    const killed = (listed.get(file) ?? 0) - missed.length - unviable;
    files[file] = { hash: hash(file), commit, killed, unviable, missed, seconds: Math.round(spent) + Number(seconds) };
    const ordered = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(KEPT, `${JSON.stringify({ commit, result: { ...sum(), files: ordered } }, null, 1)}\n`);
    console.log(`mutants: ${file}: ${killed} noticed, ${missed.length} not, ${unviable} do not compile`);
} else {
    for (const [file, { missed }] of Object.entries(files)) {
        for (const mutant of missed) console.log(`not noticed: ${mutant.startsWith(file) ? mutant : `${file}: ${mutant}`}`);
    }
    console.log(JSON.stringify(sum()));
}
