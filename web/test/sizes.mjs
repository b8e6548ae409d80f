/** What a phone loads, compressed, as one JSON line. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const sizes = new Map();
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    sizes.set(path, gzipSync(await readFile(path), { level: 9 }).length);
}
const kb = (matches) => Math.round([...sizes].filter(([path]) => matches(path)).reduce((sum, [, size]) => sum + size, 0) / 100) / 10;
console.log(JSON.stringify({
    first_load_kb: kb((path) => !path.endsWith('.wasm') && !/worker-[^/]*\.js$/.test(path) && !path.endsWith('.png') && !path.endsWith('sw.js')),
    wasm_kb: kb((path) => path.includes('offpay_wasm_bg')),
    precache_kb: kb((path) => !path.endsWith('sw.js')),
}));
