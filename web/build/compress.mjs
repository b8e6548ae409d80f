/** Writes each file of web/dist in the forms that browsers take, so that the server has nothing to compress. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const PACKED = new Set(['.br', '.gz', '.png']);
const brotli = (bytes) =>
    promisify(brotliCompress)(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });

const entries = await readdir(dist, { recursive: true, withFileTypes: true });
await Promise.all(
    entries
        .filter((entry) => entry.isFile() && !PACKED.has(extname(entry.name)))
        .map(async (entry) => {
            const path = join(entry.parentPath ?? entry.path, entry.name);
            const plain = await readFile(path);
            for (const [end, bytes] of [['.br', await brotli(plain)], ['.gz', await promisify(gzip)(plain, { level: 9 })]]) {
                if (bytes.length < plain.length) await writeFile(path + end, bytes);
            }
        }),
);
