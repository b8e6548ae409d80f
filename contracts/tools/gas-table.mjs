// Prints the gas of every operation as a table, and the figures with a target as one JSON line at the end.
// Usage: gas-table.mjs SNAPSHOT.json
import { readFileSync } from 'node:fs';

const ROWS = 100;

// Whole-transaction gas that we aim for, and the best peer measured in the same way (name: docs/gas.md).
const goals = {
  settle_one: [46_000, '59,621 TIP-1034'],
  settle_batch100_abi: [19_000, '20,350 x402'],
  settle_batch100_packed: [16_500, '20,350 x402'],
  claim_vouchers_batch100: [12_500, '20,350 x402'],
  open_purse: [85_000, '67,503 TIP-1034 (a channel)'],
  open_channel: [55_000, '67,503 TIP-1034'],
  close_together: [50_000, '63,578 TIP-1034'],
  pay_claim: [65_000, '262,341 4mica'],
  erc20_transfer: [undefined, ''],
};

const measured = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const figures = Object.fromEntries(
  Object.entries(measured).map(([name, gas]) => [
    name,
    name.includes('batch100') ? Math.round(Number(gas) / ROWS) : Number(gas),
  ]),
);

const missing = Object.keys(goals).filter((name) => !(name in figures));
if (missing.length > 0) {
  console.error(`gas: not measured: ${missing.join(', ')}`);
  process.exit(1);
}

const number = (value) => (value === undefined ? '' : value.toLocaleString('en-US'));
const line = (...cells) => console.log(`| ${cells[0].padEnd(30)} | ${cells.slice(1).map((c) => c.padStart(9)).join(' | ')} |`);
line('operation (batches: per row)', 'gas', 'target', 'best peer');
line('-'.repeat(30), ...Array(3).fill('-'.repeat(9)));
for (const [name, gas] of Object.entries(figures)) {
  const [target, peer] = goals[name] ?? [];
  line(name, number(gas), number(target), peer ?? '');
}
console.log();
console.log(JSON.stringify(Object.fromEntries(Object.keys(goals).map((name) => [name, figures[name]]))));
