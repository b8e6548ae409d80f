/** The pictures in the README, taken from the real thing: written anew where OFFPAY_PICTURES is set. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'docs/pictures');
const isWanted = (process.env.OFFPAY_PICTURES ?? '') !== '';

/** Two phones beside each other, as they look now. */
export async function sideBySide(studio, name, left, right) {
    if (!isWanted) return;
    await mkdir(folder, { recursive: true });
    const frames = [];
    for (const { page } of [left, right]) frames.push((await page.screenshot()).toString('base64'));
    const page = await studio.browser.newPage({ viewport: { width: 620, height: 640 }, deviceScaleFactor: 1.5 });
    const phone = (frame) => `<img style="height:590px;border-radius:28px;border:7px solid #1d2421;box-shadow:0 12px 30px #0003" src="data:image/png;base64,${frame}">`;
    await page.setContent(`<body style="margin:0;height:640px;display:flex;gap:26px;align-items:center;justify-content:center;background:#e9e4d8">${frames.map(phone).join('')}</body>`);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
}
