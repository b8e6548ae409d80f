/** Right to left, another language, large text and a small phone: every screen holds what is on it, and axe finds nothing. */
import assert from 'node:assert/strict';
import { PIN, createWallet, go, openPurse, ready, request } from '../parts/people.mjs';
import { shot } from '../parts/screen.mjs';

const SCREENS = [
    'home', 'pay', 'receive', 'history', 'money', 'add', 'withdraw', 'settings', 'limits', 'passkeys', 'backup', 'lost', 'erase',
    'till', 'till-menu', 'till-payments', 'till-report', 'shop', 'circles', 'channels', 'account', 'account/recover',
];
/** The narrowest phones that are still about. */
const SMALL = { width: 320, height: 568 };
const USUAL = { width: 390, height: 844 };

/** What is wider than the screen, or cut off, on all screens. */
const problems = [];

async function fits({ page }, what) {
    const found = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        const wide = document.documentElement.scrollWidth > width ? [`the page: ${document.documentElement.scrollWidth} of ${width}`] : [];
        for (const each of document.querySelectorAll('button, a, input, select, h1, p, strong')) {
            const box = each.getBoundingClientRect();
            if (box.width > 0 && (box.left < -1 || box.right > width + 1)) wide.push(`${each.tagName} ${each.textContent?.trim().slice(0, 30)}`);
        }
        return wide;
    });
    problems.push(...found.map((each) => `${what}: ${each}`));
}

async function everyScreen(phone, name, check) {
    for (const screen of SCREENS) {
        await go(phone, screen);
        await phone.page.locator('main').first().waitFor();
        await phone.page.waitForTimeout(150);
        await check(`${name}-${screen.replace('/', '-')}`);
    }
}

const speak = async (phone, language) => {
    await go(phone, 'settings');
    await phone.page.locator('select').first().selectOption(language);
    await phone.page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
};

export async function story({ server, phone, say }) {
    const ana = await phone('ana');
    const { account } = await createWallet(ana, 'Ana');
    await server.fund(account, '1000000000000000000000');
    await server.aWeekPasses();
    await openPurse(server, ana);
    await ready(ana);
    const { page } = ana;

    await speak(ana, 'ar');
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'rtl');
    await everyScreen(ana, 'ar', async (name) => {
        await fits(ana, name);
        await shot(ana, name);
    });
    say('in Arabic, right to left');

    await page.setViewportSize(SMALL);
    await speak(ana, 'de');
    await page.locator('button[aria-pressed]').first().click();
    await page.locator('html.large').waitFor({ state: 'attached' });
    await everyScreen(ana, 'de-small', async (name) => {
        await fits(ana, name);
        await shot(ana, name);
    });
    await page.reload();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de', 'it stays so');
    say('in German, with large text, on a phone of 320 pixels');

    await go(ana, 'settings');
    await page.fill('[name=pin]', PIN);
    await page.locator('button.main').click();
    await speak(ana, 'en');
    await everyScreen(ana, 'en-small', (name) => fits(ana, name));
    await page.locator('html').evaluate((root) => root.classList.remove('large'));
    await request(ana, '12.50', 'coffee');
    await fits(ana, 'a request');
    const [code, foot] = [await page.locator('.qr').boundingBox(), await page.locator('.foot').boundingBox()];
    assert.ok(code.width >= 200 && code.y + code.height <= foot.y + 1, 'the code is whole and large enough on the smallest phone');
    await shot(ana, 'en-small-request');
    await page.setViewportSize(USUAL);
    assert.deepEqual(problems, []);
    say('the code is whole on the smallest phone');
}
