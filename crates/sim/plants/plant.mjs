// Changes one place of the contract's sources, as a .plant file says: the file, what it breaks, the old text, the new one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [plant, sources] = process.argv.slice(2);
const [file, ...rest] = readFileSync(plant, 'utf8').split('\n');
const [, before, after] = rest.join('\n').split(/^===.*\n/m);
const path = join(sources, file.replace(/^contracts\/src\//, ''));
const source = readFileSync(path, 'utf8');
const old = before.replace(/\n$/, '');
if (source.split(old).length !== 2) {
    throw new Error(`${plant}: the text to change is not there exactly once`);
}
writeFileSync(path, source.replace(old, () => after.replace(/\n$/, '')));
