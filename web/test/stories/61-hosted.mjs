/** A hosted account: registering, paying, being paid, second factor, passkey, signing out; a purse on its phone. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { authenticator } from '../parts/authenticator.mjs';
import { PIN, go } from '../parts/people.mjs';
import { shot } from '../parts/screen.mjs';
import { eventually } from '../parts/server.mjs';

const PASSWORD = 'a long enough password';
const button = (page, name) => page.getByRole('button', { name, exact: true });
const text = (page, words) => page.getByText(words).first().waitFor();

/** Somebody else with an account and test money, without a browser. */
async function anotherUser(server, handle) {
    const send = async (path, body, token) => {
        const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
        const answer = await fetch(new URL(path, server.told.server), { method: 'POST', headers, body: JSON.stringify(body) });
        const told = await answer.json();
        assert.ok(answer.ok, `${path}: ${told.detail}`);
        return told;
    };
    const { account, token } = await send('/v1/users', { handle, password: PASSWORD });
    const post = (path, body) => send(path, body, token);
    await post('/v1/faucet', {});
    return { account, post };
}

/** A code of an authenticator (RFC 6238), `ahead` steps from now: each works once. */
function totp(secret, ahead = 0) {
    const bits = [...secret.replace(/[^A-Z2-7]/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
    const mac = createHmac('sha1', key).update(counter).digest();
    return ((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0');
}

export async function story({ server, phone, say }) {
    const carla = await phone('carla');
    const { page, context } = carla;
    const at = (screen) => go(carla, screen);
    await server.aWeekPasses();
    const ana = await anotherUser(server, 'ana');
    await page.goto(carla.url);
    await authenticator(carla);
    await page.getByRole('link', { name: 'I have an account here' }).click();
    await page.locator('[data-screen=account-sign-in]').waitFor();
    await shot(carla, 'account-sign-in');
    await button(page, 'Make an account').click();
    await page.fill('[name=handle]', 'carla');
    await page.fill('[name=password]', 'short');
    await page.locator('form button.main').click();
    await page.getByRole('alert').waitFor();
    await page.fill('[name=password]', PASSWORD);
    await page.locator('form button.main').click();
    await page.locator('[data-screen=account-codes]').waitFor();
    assert.equal(await page.locator('ol.words li').count(), 10);
    await shot(carla, 'account-codes');
    await button(page, 'I have printed them').click();
    await page.locator('[data-screen=account]').waitFor();
    await button(page, 'Get test money').click();
    await text(page, 'It is in your balance.');
    await at('account/purse');
    await page.fill('[name=funds]', '40');
    await button(page, 'Set aside').click();
    await text(page, 'Done.');
    await shot(carla, 'account-purse');
    await at('account');
    await page.locator('[data-ready=true]').waitFor({ timeout: 60_000 });
    await at('account/pay');
    await page.fill('[name=to]', '@ana');
    await page.fill('[name=memo]', 'lunch');
    await page.fill('[name=amount]', '12.50');
    await shot(carla, 'account-pay');
    await page.getByRole('button', { name: /^Pay .?12/ }).click();
    await page.locator('[data-verdict=good]').waitFor();
    await page.waitForTimeout(400);
    await shot(carla, 'account-paid');
    await button(page, 'Done').click();
    await page.getByText('lunch').waitFor();
    await shot(carla, 'account');
    say('a hosted account: registered, funded, paid');

    await at('account/request');
    for (const key of '3.20') await button(page, key).click();
    await button(page, 'Show code').click();
    await page.locator('[data-screen=account-requested] .qr path').waitFor({ state: 'attached' });
    await shot(carla, 'account-requested');
    const code = await page.locator('.qr').getAttribute('data-code');
    await eventually('a purse of ana', () => ana.post('/v1/setup', {}));
    await eventually('ana pays', () => ana.post('/v1/pay', { request: code }));
    await page.locator('[data-screen=account-requested][data-state=paid]').waitFor();
    say('a request of a hosted account is seen to be paid');

    // Nothing of the session is within reach of scripts.
    const seen = await page.evaluate(async () => {
        const kept = { local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, page: document.documentElement.outerHTML, databases: [] };
        for (const { name } of await indexedDB.databases()) {
            const database = await new Promise((resolve) => { const request = indexedDB.open(name); request.onsuccess = () => resolve(request.result); });
            for (const store of database.objectStoreNames) {
                kept.databases.push(await new Promise((resolve) => { const request = database.transaction(store).objectStore(store).getAll(); request.onsuccess = () => resolve(request.result); }));
            }
            database.close();
        }
        return JSON.stringify(kept);
    });
    const cookie = (await context.cookies()).find(({ name }) => name === '__Host-offpay');
    assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
    assert.ok(!seen.includes(cookie.value), 'the session is out of reach of scripts');

    await at('account/addresses');
    await page.fill('[name=address]', ana.account);
    await page.fill('[name=label]', 'savings');
    await button(page, 'Add address').click();
    await text(page, 'Can be confirmed from');
    await shot(carla, 'account-addresses');

    await at('account/security');
    await button(page, 'Add a passkey').click();
    await page.locator('[data-passkeys="1"]').waitFor();
    await button(page, 'Turn on').click();
    const secret = (await page.locator('[data-secret]').textContent()).trim();
    await shot(carla, 'account-second-factor');
    await page.fill('[name=code]', totp(secret));
    await button(page, 'Confirm').click();
    await page.locator('[data-second-factor=true]').waitFor();
    assert.equal(await page.locator('[data-secret]').count(), 0, 'the secret is shown no longer than needed');
    const held = await page.locator('[data-holds]').count();
    if (held > 0) assert.ok(await button(page, 'Sign out').isDisabled());
    await page.locator('[data-holds]').waitFor({ state: 'detached', timeout: 90_000 });
    await shot(carla, 'account-security');
    await button(page, 'Sign out').click();
    await page.locator('[data-screen=welcome]').waitFor();
    assert.ok(!(await context.cookies()).some(({ name, value }) => name === '__Host-offpay' && value !== ''));
    await at('account');
    await page.fill('[name=handle]', 'carla');
    await page.fill('[name=password]', PASSWORD);
    await page.locator('form button.main').click();
    await page.locator('[name=code]').waitFor();
    await shot(carla, 'account-code');
    await page.fill('[name=code]', totp(secret, 1));
    await page.locator('form button.main').click();
    await page.locator('[data-screen=account]').waitFor();
    await at('account/security');
    await page.locator('[data-passkeys="1"]').waitFor();
    await button(page, 'Sign out').click();
    await page.locator('[data-screen=welcome]').waitFor();
    await at('account');
    await button(page, 'Sign in with passkey').click();
    await page.locator('[data-screen=account]').waitFor();
    say('second factor, passkey, signing out and in again');

    await at('account/phone');
    await page.locator('[data-do=keep]').click();
    await page.fill('[name=funds]', '15');
    await page.fill('[name=pledge]', '12');
    await page.fill('[name=pin]', PIN);
    await page.fill('[name=again]', PIN);
    await shot(carla, 'account-phone');
    await button(page, 'Make a purse on this phone').click();
    await text(page, 'ready to pay offline');
    await at('home');
    await page.locator('[data-ready=true]').waitFor({ timeout: 60_000 });
    await shot(carla, 'home-hosted-phone');
    await context.setOffline(true);
    await at('account');
    await page.locator('[data-screen=account]').waitFor();
    await context.setOffline(false);
    say('a purse whose key is made on the phone of a hosted user');
}
