/** A phone: a browser process of its own, with its profile and its camera. */
import { readFile, readdir } from 'node:fs/promises';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const SCREEN = { width: 390, height: 844 };

/** Opens a phone; the second time with what it had. What goes wrong in it is in `phone.errors`. */
export async function openPhone(folder, name, { offline = false, url, keeps = true, locale = 'en-GB', scale = 2 } = {}) {
    const profile = join(folder, name);
    const camera = join(folder, `${name}.mjpeg`);
    const context = await chromium.launchPersistentContext(profile, {
        executablePath,
        viewport: SCREEN, deviceScaleFactor: scale, hasTouch: true, isMobile: true, permissions: ['camera'], locale,
        args: [...ARGUMENTS, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(30_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
        // What a phone with no network fails to fetch, the browser itself writes down.
        const isExpected = /net::ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(message.text());
        if (['error', 'warning'].includes(message.type()) && !isExpected) errors.push(message.text());
    });
    const phone = { name, profile, camera, context, page, errors, url };
    await allowKeeping(phone, keeps);
    await context.setOffline(offline);
    return phone;
}

/** What the browser answers when the app asks to keep its data: phones ask nobody, they decide. */
export async function allowKeeping({ context, page }, allowed) {
    // The session stays open: what it permits ends with it.
    const session = await context.newCDPSession(page);
    await session.send('Browser.setPermission', { permission: { name: 'persistent-storage' }, setting: allowed ? 'granted' : 'denied' });
}

/** The battery falls out: every process of the browser ends at once, with SIGKILL, and nothing is tidied up. */
export async function kill(phone) {
    const closed = new Promise((resolve) => phone.context.once('close', resolve));
    const own = `--user-data-dir=${phone.profile}`;
    let killed = 0;
    for (const entry of await readdir('/proc')) {
        if (!/^\d+$/.test(entry)) continue;
        const line = await readFile(join('/proc', entry, 'cmdline'), 'utf8').catch(() => '');
        if (!line.split('\0').includes(own)) continue;
        process.kill(Number(entry), 'SIGKILL');
        killed++;
    }
    if (killed === 0) throw new Error(`no process of ${phone.name}`);
    await closed;
}

/** Somebody copies a phone that is off, with all that is on it. */
export async function copyPhone(folder, from, to) {
    await cp(join(folder, from), join(folder, to), { recursive: true, filter: (path) => !/Singleton|lockfile/.test(path) });
}

export async function close(phone) {
    await phone?.context.close().catch(() => undefined);
}
