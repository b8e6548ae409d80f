/**
 * Plays the stories in web/test/stories, each against a real server of its own, in real browsers.
 *
 *   node web/test/run.mjs                 all
 *   node web/test/run.mjs 10-two-phones   those whose file begins so
 *   OFFPAY_PICTURES=1 …                   also writes docs/pictures anew
 *
 *   OFFPAY_STORIES_AT_ONCE=1 …            one after the other, else two beside each other
 *
 * One that fails is played once more, alone, after all others: what fails only beside others is told as unsteady, and fails
 * nothing.
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
const nameOf = (file) => file.replace(/\.mjs$/, '');
const failed = [];

/** Whether it passed. */
async function play(file, { story, settings }) {
    const name = nameOf(file);
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
        return true;
    } catch (error) {
        console.error(`web-test: ${name}: failed\n`, error);
        for (const { name: who, page, errors } of phones.values()) {
            console.error(who, page.url(), errors, await page.locator('.error, [role=alert]').allTextContents().catch(() => ''));
            await page.screenshot({ path: join(shots, `failed-${name}-${who}.png`) }).catch(() => undefined);
        }
        return false;
    } finally {
        for (const each of phones.values()) await close(each);
        await studio?.close();
        await server?.stop();
        await rm(folder, { recursive: true, force: true });
    }
}
const told = await Promise.all(files.map(async (file) => [file, await import(join(stories, file))]));
const again = [];
const first = async (...one) => { if (!(await play(...one))) again.push(one); };
for (const one of told.filter(([, { alone }]) => alone)) await first(...one);
const rest = told.filter(([, { alone }]) => !alone);
const atOnce = Number(process.env.OFFPAY_STORIES_AT_ONCE ?? 2);
await Promise.all(
    Array.from({ length: atOnce }, async () => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift()) await first(...next);
    }),
);
measured.unsteady = [];
for (const one of again) {
    const name = nameOf(one[0]);
    console.log(`web-test: ${name}: once more`);
    if (await play(...one)) measured.unsteady.push(name);
    else failed.push(name);
}
for (const violation of violations) console.error(`axe: ${violation}`);
if (violations.length > 0) failed.push('axe');
if (failed.length > 0) {
    console.error(`web-test: failed: ${failed.join(', ')}. Pictures are in ${shots}`);
    process.exitCode = 1;
}
console.log(JSON.stringify(measured));
