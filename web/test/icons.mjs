/** Draws the icons for home screens from icon.svg. */
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const svg = await readFile(new URL('../public/icon.svg', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const side of [192, 512]) {
    await page.setViewportSize({ width: side, height: side });
    await page.setContent(`<body style="margin:0">${svg}</body>`);
    await page.screenshot({ path: new URL(`../public/icon-${side}.png`, import.meta.url).pathname });
}
await browser.close();
