/**
 * Plays the stories in web/test/stories, each against a real server of its own, in real browsers.
 *
 *   node web/test/run.mjs                 all
 *   node web/test/run.mjs 10-two-phones   those whose file begins so
 *   OFFPAY_PICTURES=1 …                   also writes docs/pictures anew
 *
 *   OFFPAY_STORIES_AT_ONCE=1 …            one after the other, else two beside each other
 *
 * A story is a file that exports `story(told)`, and perhaps `settings` for its server; `told` has the server, a studio for
 * the cameras and `phone(name)`. One that measures how long something takes exports `alone = true`: nothing runs beside it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStudio } from './parts/camera.mjs';
import { close, openPhone } from './parts/phone.mjs';
import { shots, violations } from './parts/screen.mjs';
import { startServer } from './parts/server.mjs';
import { sizes } from './sizes.mjs';

const stories = fileURLToPath(new URL('./stories', import.meta.url));
const wanted = process.argv.slice(2);
const files = (await readdir(stories)).filter((file) => file.endsWith('.mjs')).sort()
    .filter((file) => wanted.length === 0 || wanted.some((start) => file.startsWith(start)));
assert(files.length > 0, `no story is called ${wanted.join(', ')}`);
const measured = await sizes();
const failed = [];

async function play(file, { story, settings }) {
    const name = file.replace(/\.mjs$/, '');
    const began = Date.now();
    const say = (what) => console.log(`web-test: ${name}: ${what}`);
    const folder = await mkdtemp(join(tmpdir(), 'offpay-web-'));
    const phones = new Map();
    let server, studio;
    try {
        [server, studio] = await Promise.all([startServer(folder, settings), openStudio()]);
        /** Opens a phone, or opens it again. */
        const phone = async (who, options = {}) => {
            const camera = join(folder, `${who}.mjpeg`);
            if (!phones.has(who)) await studio.blank(camera);
            const opened = await openPhone(folder, who, { url: server.url, ...options });
            phones.set(who, opened);
            return opened;
        };
        await story({ server, studio, phone, folder, say, measured });
        for (const { name: who, errors } of phones.values()) assert.deepEqual(errors, [], `the console of ${who}`);
        say(`passed (${Math.round((Date.now() - began) / 1000)} s)`);
    } catch (error) {
        failed.push(name);
        console.error(`web-test: ${name}: failed\n`, error);
        for (const { name: who, page, errors } of phones.values()) {
            console.error(who, page.url(), errors, await page.locator('.error, [role=alert]').allTextContents().catch(() => ''));
            await page.screenshot({ path: join(shots, `failed-${name}-${who}.png`) }).catch(() => undefined);
        }
    } finally {
        for (const each of phones.values()) await close(each);
        await studio?.close();
        await server?.stop();
        await rm(folder, { recursive: true, force: true });
    }
}
const told = await Promise.all(files.map(async (file) => [file, await import(join(stories, file))]));
for (const [file, module] of told.filter(([, { alone }]) => alone)) await play(file, module);
const rest = told.filter(([, { alone }]) => !alone);
const atOnce = Number(process.env.OFFPAY_STORIES_AT_ONCE ?? 2);
await Promise.all(
    Array.from({ length: atOnce }, async () => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift()) await play(...next);
    }),
);
for (const violation of violations) console.error(`axe: ${violation}`);
if (violations.length > 0) failed.push('axe');
if (failed.length > 0) {
    console.error(`web-test: failed: ${failed.join(', ')}. Pictures are in ${shots}`);
    process.exitCode = 1;
}
console.log(JSON.stringify(measured));
