/** What the stories of the shop share: codes by hand, sums on the screen, and what people hear and feel. */
import assert from 'node:assert/strict';
import { PIN, createWallet, go, joinCircle, openPurse, ready } from './people.mjs';

export const press = ({ page }, name) => page.getByRole('button', { name, exact: true }).click();
export const screen = ({ page }, name) => page.locator(`[data-screen=${name}]`).waitFor();

/** The code on the screen. */
export async function code({ page }) {
    await page.locator('.qr path').first().waitFor({ state: 'attached' });
    return page.locator('.qr').first().getAttribute('data-code');
}

/** What a camera would have read, by hand: the cameras are tried in 10-two-phones. */
export async function paste(phone, text) {
    await press(phone, 'Paste');
    await phone.page.fill('textarea', text);
    await press(phone, 'Continue');
}

/** Opens the app again, unlocked and in step. Taking payments needs no PIN: it is unlocked somewhere else. */
export async function again(phone, at = 'home') {
    await go(phone, at);
    await phone.page.reload();
    // Not the one moment while it opens.
    await phone.page.locator('[data-screen]').first().waitFor();
    if (await phone.page.locator('[data-screen=unlock]').isVisible()) {
        await phone.page.fill('[name=pin]', PIN);
        await press(phone, 'Unlock');
        await phone.page.locator('[data-screen=unlock]').waitFor({ state: 'detached' });
    }
}

export async function ask(payee, amount, memo) {
    await go(payee, 'home');
    await go(payee, 'receive');
    for (const key of amount) await press(payee, key);
    await payee.page.fill('[name=memo]', memo);
    await press(payee, 'Show code');
    return code(payee);
}

export async function pay(payer, request) {
    await go(payer, 'home');
    await go(payer, 'pay');
    await paste(payer, request);
    await screen(payer, 'confirm-pay');
    await payer.page.getByRole('button', { name: /^Pay / }).click();
    await screen(payer, 'paid');
    return code(payer);
}

export async function take(payee, payment, kind = 'good') {
    await press(payee, 'Scan the payment');
    await paste(payee, payment);
    await payee.page.locator('[data-verdict]').waitFor();
    assert.equal(await payee.page.locator('[data-verdict]').getAttribute('data-verdict'), kind);
}

/** A sum of a report, in whole tokens. */
export async function sum({ page }, name) {
    return Number(BigInt(await page.locator(`[data-sum=${name}]`).first().getAttribute('data-total')) / 10n ** 16n) / 100;
}

/** Counts what people hear and feel, and whether the screen is kept on. */
export async function notice({ context, page }) {
    // Browsers ask nobody whether a screen may stay on; tests that name some permissions refuse all others.
    const session = await context.newCDPSession(page);
    await session.send('Browser.setPermission', { permission: { name: 'screen-wake-lock' }, setting: 'granted' });
    await context.addInitScript(() => {
        window.noticed = { vibrations: [], tones: 0, locks: 0 };
        const vibrate = navigator.vibrate?.bind(navigator);
        Object.defineProperty(navigator, 'vibrate', { value: (pattern) => { window.noticed.vibrations.push(pattern); return vibrate?.(pattern) ?? true; } });
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) { window.noticed.tones++; return start.apply(this, when); };
        const request = navigator.wakeLock?.request.bind(navigator.wakeLock);
        if (request) navigator.wakeLock.request = async (type) => { const lock = await request(type); window.noticed.locks++; lock.addEventListener('release', () => window.noticed.locks--); return lock; };
    });
}

/** A payer with a purse and a shop, both members of the circle, and whoever else is to be admitted. */
export async function members(server, payer, shop, { funds = '60', also = [] } = {}) {
    await notice(shop);
    const alice = await createWallet(payer, 'Alice');
    const door = await createWallet(shop, 'Blue Door');
    // Fifty covers of 45 tokens each.
    await server.fund(alice.account, '5000000000000000000000');
    await server.fund(door.account, '2000000000000000000000');
    for (const account of [alice.account, door.account, ...also]) await server.admit(account);
    await server.aWeekPasses();
    await openPurse(server, payer, { funds, pledge: '2500' });
    await ready(payer);
    await joinCircle(shop);
    return { alice, door };
}
