/** What a phone loads, compressed as it comes over the wire, in kB. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

export async function sizes() {
    const files = new Map();
    for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || /\.(br|gz)$/.test(entry.name)) continue;
        const path = join(entry.parentPath ?? entry.path, entry.name);
        const smallest = await Promise.all(['.br', '.gz', ''].map((end) => stat(path + end).then(({ size }) => size, () => Infinity)));
        files.set(path, Math.min(...smallest));
    }
    const kb = (matches) => Math.round([...files].filter(([path]) => matches(path)).reduce((sum, [, size]) => sum + size, 0) / 100) / 10;
    return {
        // What the first screen waits for: the page, its script and its style.
        first_load_kb: kb((path) => /(index\.html|assets\/index-[^/]*\.(js|css))$/.test(path)),
        wasm_kb: kb((path) => path.includes('offpay_wasm_bg')),
        precache_kb: kb((path) => !path.endsWith('sw.js')),
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await sizes()));
