/** What people do on their phones, step by step. */
import assert from 'node:assert/strict';
import { shot } from './screen.mjs';

export const PIN = '246810';

/** Goes to a screen of the app: `#/money`. */
export async function go({ page, url }, screen) {
    await page.goto(`${url}#/${screen}`);
}

/** Creates a wallet: phrase shown, three words of it asked for, name and PIN. `pictures` names its screenshots. */
export async function createWallet(phone, name, { pictures, keep = true } = {}) {
    const { page, url } = phone;
    const look = async (what) => { if (pictures !== undefined) await shot(phone, `${pictures}${what}`); };
    await page.goto(url);
    await page.locator('[data-screen=welcome]').waitFor();
    await look('welcome');
    await page.getByRole('button', { name: 'Create a wallet' }).click();
    await page.locator('[data-screen=phrase]').waitFor();
    const words = await page.locator('ol.words li').evaluateAll((all) => all.map((li) => li.lastChild.textContent.trim()));
    assert.equal(words.length, 12);
    await look('phrase');
    await page.getByRole('button', { name: 'I wrote them down' }).click();
    for (let asked = 0; asked < 3; asked++) {
        const place = Number(await page.locator('[data-place]').getAttribute('data-place'));
        await page.getByRole('button', { name: words[place], exact: true }).click();
    }
    await page.fill('[name=name]', name);
    await page.fill('[name=pin]', PIN);
    await page.fill('[name=again]', PIN);
    await look('name');
    await page.getByRole('button', { name: 'Create wallet' }).click();
    await page.locator('[data-screen=home]').waitFor();
    if (!keep) return { words };
    await keepMoneyHere(phone);
    await go(phone, 'money');
    const account = (await page.locator('p.mono').first().textContent()).trim();
    assert.match(account, /^0x[0-9a-fA-F]{40}$/);
    await go(phone, 'home');
    return { words, account };
}

/** A wallet out of its words, on a phone that has none. */
export async function restoreWallet(phone, name, words) {
    const { page, url } = phone;
    await page.goto(url);
    await page.getByRole('button', { name: 'I have recovery words' }).click();
    await page.fill('textarea', words.join(' '));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.fill('[name=name]', name);
    await page.fill('[name=pin]', PIN);
    await page.fill('[name=again]', PIN);
    await page.getByRole('button', { name: 'Create wallet' }).click();
    await page.locator('[data-screen=home]').waitFor();
}

/** Test money of the operator, for who has no gas money. */
export async function testMoney(phone) {
    await go(phone, 'add');
    await phone.page.getByRole('button', { name: 'Get test money' }).click();
    await phone.page.getByText('It is in your balance.').waitFor();
}

/** Lets the browser keep the wallet, where the app asks before it takes offline money. */
export async function keepMoneyHere(phone) {
    await go(phone, 'money');
    const gate = phone.page.locator('[data-screen=keep]');
    await phone.page.locator('[data-screen=keep], p.mono').first().waitFor();
    if (await gate.isVisible()) await phone.page.locator('[data-do=keep]').click();
}

export async function unlock({ page }) {
    await page.fill('[name=pin]', PIN);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.locator('[data-screen=unlock]').waitFor({ state: 'detached' });
}

/** Sets money aside for paying offline, out of tokens that the account has. */
export async function openPurse(server, phone, { funds = '100', pledge = '800' } = {}) {
    const { page } = phone;
    await go(phone, 'money');
    await page.fill('[name=funds]', funds);
    await page.fill('[name=pledge]', pledge);
    await page.getByRole('button', { name: 'Set aside', exact: true }).click();
    await page.getByText('ready to pay offline').waitFor();
    await server.mine();
}

/** Fetches what happened, until the wallet can pay offline. */
export async function ready(phone) {
    await go(phone, 'home');
    await phone.page.reload();
    await unlock(phone);
    await phone.page.locator('[data-ready=true]').waitFor({ timeout: 60_000 });
}

/** A shop takes part in the operator's circle. */
export async function joinCircle(phone) {
    await go(phone, 'settings');
    await phone.page.getByRole('button', { name: 'Join', exact: true }).click();
    await phone.page.getByText('Member since').waitFor();
}

/** No network: only once the app is on the phone. */
export async function goOffline(...phones) {
    for (const { page, context } of phones) {
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
        await context.setOffline(true);
    }
}

/** Types an amount and shows the code of a request. */
export async function request(phone, amount, memo) {
    const { page } = phone;
    await go(phone, 'receive');
    for (const key of amount) await page.getByRole('button', { name: key, exact: true }).click();
    if (memo !== undefined) await page.fill('[name=memo]', memo);
    await page.getByRole('button', { name: 'Show code' }).click();
    await page.locator('.qr path').waitFor({ state: 'attached' });
}

/** Scans the request that the other shows, confirms, and shows the code of the payment. */
export async function pay(studio, payer, payee) {
    await studio.pointAt(payer, payee);
    await go(payer, 'home');
    await go(payer, 'pay');
    await payer.page.locator('[data-screen=confirm-pay]').waitFor();
    await payer.page.getByRole('button', { name: /^Pay / }).click();
    await payer.page.locator('.qr path').waitFor({ state: 'attached' });
}

/** Scans the payment that the other shows; gives the verdict. */
export async function take(studio, payee, payer) {
    await studio.pointAt(payee, payer);
    await payee.page.getByRole('button', { name: 'Scan the payment' }).click();
    const verdict = payee.page.locator('[data-verdict]');
    await verdict.waitFor();
    return verdict.getAttribute('data-verdict');
}

/** Two phones on one market: a payer with a purse, and a shop that is a member. */
export async function market(server, payer, shop, { pictures } = {}) {
    const alice = await createWallet(payer, 'Alice', { pictures });
    const door = await createWallet(shop, 'Blue Door');
    await server.fund(alice.account, '1000000000000000000000');
    await server.fund(door.account);
    await server.admit(door.account);
    await server.aWeekPasses();
    await openPurse(server, payer);
    await joinCircle(shop);
    await ready(payer);
    return { alice, door };
}

/** How long the engine took for the last command of a kind, in milliseconds, in the worker where it runs. */
export async function tookEngine({ page }, command) {
    for (const worker of page.workers()) {
        const took = await worker.evaluate((name) => performance.getEntriesByName(name, 'measure')[0]?.duration, command);
        if (took !== undefined) return Math.round(took * 10) / 10;
    }
    throw new Error(`no worker has carried out ${command}`);
}
