/** A hosted account: registering, paying, being paid, second factor, passkey, signing out; a purse on its phone. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { authenticator } from '../parts/authenticator.mjs';
import { ask, pay as payCode, paste, press } from '../parts/counter.mjs';
import { PIN, createWallet, go, joinCircle, openPurse, ready } from '../parts/people.mjs';
import { shot } from '../parts/screen.mjs';
import { eventually } from '../parts/server.mjs';

const PASSWORD = 'a long enough password';
/** Where money is withdrawn to. */
const SAVINGS = `0x${'c0ffee01'.repeat(5)}`;
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

/** Addresses are confirmed a moment later, where a day is what operators choose. */
export const settings = { OFFPAY_MONEY__ADDRESS_DELAY_S: '6' };

/** The next code of an authenticator that was not used: the server takes none twice, and none that is older. */
function authenticatorCodes() {
    let used = 0;
    return async (secret) => {
        const now = () => Math.floor(Date.now() / 30_000);
        const step = Math.max(now(), used + 1);
        await eventually('a new code', async () => step <= now() + 1, 60);
        used = step;
        return totp(secret, step - now());
    };
}

export async function story({ server, phone, say }) {
    const nextCode = authenticatorCodes();
    const carla = await phone('carla');
    const { page, context } = carla;
    const at = (screen) => go(carla, screen);
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
    const codes = await page.locator('ol.words li .mono').allTextContents();
    await button(page, 'I have printed them').click();
    const asked = Number(await page.locator('[data-asked]').getAttribute('data-asked'));
    await page.fill('[name=recovery]', codes[(asked + 1) % codes.length]);
    await button(page, 'Continue').click();
    await text(page, 'That is another code.');
    await shot(carla, 'account-codes-check');
    // As people type: without hyphens, in small letters.
    await page.fill('[name=recovery]', codes[asked].replaceAll('-', ' ').toLowerCase());
    await button(page, 'Continue').click();
    await page.locator('[data-screen=account]').waitFor();
    assert.ok(!(await page.content()).includes(codes[0]), 'the codes are gone');
    const { account } = await page.evaluate(() => fetch('/v1/me').then((answer) => answer.json()));
    await server.admit(account);
    await server.aWeekPasses();
    const ana = await anotherUser(server, 'ana');
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

    await at('account/security');
    await button(page, 'Add a passkey').click();
    await page.locator('[data-passkeys="1"]').waitFor();
    await button(page, 'Turn on').click();
    const secret = (await page.locator('[data-secret]').textContent()).trim();
    await shot(carla, 'account-second-factor');
    await page.fill('[name=code]', await nextCode(secret));
    await button(page, 'Confirm').click();
    await page.locator('[data-second-factor=true]').waitFor();
    assert.equal(await page.locator('[data-secret]').count(), 0, 'the secret is shown no longer than needed');

    await at('account/addresses');
    await page.fill('[name=address]', SAVINGS);
    await page.fill('[name=label]', 'savings');
    await button(page, 'Add address').click();
    await text(page, 'Can be confirmed from');
    await shot(carla, 'account-addresses');
    await page.locator('[name=code]').waitFor();
    await page.fill('[name=code]', '000000');
    await button(page, 'Confirm address').click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.locator('[data-confirmed=true]').count(), 0, 'not with a wrong code');
    await page.fill('[name=code]', await nextCode(secret));
    await shot(carla, 'account-address-confirm');
    await button(page, 'Confirm address').click();
    await page.locator('[data-confirmed=true]').waitFor();
    await page.fill('[name=amount]', '2');
    await shot(carla, 'account-withdraw');
    await page.getByRole('button', { name: /^Withdraw .?2/ }).click();
    await text(page, 'Sent.');
    assert.equal(await server.tokens(SAVINGS), 2n * 10n ** 18n);
    say('withdrawn to an address that was confirmed after its delay, with a code');

    // Nothing settles while the chain stands still: what is on its way keeps its user signed in.
    await server.rpc('evm_setAutomine', false);
    await server.rpc('evm_setIntervalMining', 0);
    await at('account/pay');
    await page.fill('[name=to]', '@ana');
    await page.fill('[name=memo]', 'tea');
    await page.fill('[name=amount]', '1');
    await page.getByRole('button', { name: /^Pay .?1/ }).click();
    await page.locator('[data-verdict=good]').waitFor();
    await at('account/security');
    await page.locator('[data-holds]').waitFor();
    await page.locator('[data-holds]').scrollIntoViewIfNeeded();
    assert.ok(await button(page, 'Sign out').isDisabled(), 'nobody is signed out of money that is on its way');
    await shot(carla, 'account-held');
    await server.rpc('evm_setAutomine', true);
    await server.mine();
    await eventually('the payment is final', async () => {
        await server.mine();
        return (await page.locator('[data-holds]').count()) === 0;
    }, 90);
    await shot(carla, 'account-security');
    say('signing out is refused while something is on its way');
    await button(page, 'Sign out').click();
    await page.locator('[data-screen=welcome]').waitFor();
    assert.ok(!(await context.cookies()).some(({ name, value }) => name === '__Host-offpay' && value !== ''));
    await at('account');
    await page.fill('[name=handle]', 'carla');
    await page.fill('[name=password]', PASSWORD);
    await page.locator('form button.main').click();
    await page.locator('[name=code]').waitFor();
    await shot(carla, 'account-code');
    await page.fill('[name=code]', await nextCode(secret));
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
    await lostPassword({ phone, say }, carla, codes);

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
    say('a purse whose key is made on the phone of a hosted user');
    await asksOffline({ server, phone, say }, carla);
}

/** Who lost the password begins with a code; whoever is signed in is told, and stops it. */
async function lostPassword({ phone, say }, carla, codes) {
    const thief = await phone('thief');
    const { page } = thief;
    await go(thief, 'account');
    await page.getByRole('link', { name: 'I cannot sign in any more' }).click();
    await page.fill('[name=handle]', 'carla');
    await page.fill('[name=recovery]', codes[0]);
    await shot(thief, 'account-recover');
    await button(page, 'Begin').click();
    await page.locator('[data-screen=account-recovering][data-ready=false]').waitFor();
    await page.reload();
    await page.locator('[data-screen=account-recovering][data-ready=false]').waitFor();
    await shot(thief, 'account-recovering');
    await go(carla, 'account');
    await text(carla.page, 'Somebody began to recover this account');
    await shot(carla, 'account-recovery-warning');
    await button(carla.page, 'It was not me: stop it').click();
    await carla.page.getByText('Somebody began to recover this account').waitFor({ state: 'detached' });
    await go(carla, 'account/security');
    await carla.page.locator('[data-codes-left="9"]').waitFor();
    await button(carla.page, 'Make new codes').click();
    await carla.page.locator('[data-screen=account-codes]').waitFor();
    const fresh = await carla.page.locator('ol.words li .mono').allTextContents();
    assert.ok(fresh.length === 10 && !fresh.includes(codes[1]));
    await button(carla.page, 'I have printed them').click();
    const asked = Number(await carla.page.locator('[data-asked]').getAttribute('data-asked'));
    await carla.page.fill('[name=recovery]', fresh[asked]);
    await button(carla.page, 'Continue').click();
    await carla.page.locator('[data-codes-left="10"]').waitFor();
    say('a recovery waits, its owner is told and stops it, and makes new codes');
}

/** With no network the account's request cannot be made, and the phone's can. */
async function asksOffline({ server, phone, say }, carla) {
    const { page, context } = carla;
    const dora = await phone('dora');
    const account = await createWallet(dora, 'Dora');
    await server.fund(account.account, '2000000000000000000000');
    await openPurse(server, dora);
    await ready(dora);
    await joinCircle(carla);
    await context.setOffline(true);
    await go(carla, 'account');
    await page.locator('[data-screen=account]').waitFor();
    await go(carla, 'account/request');
    await page.locator('[data-offline]').waitFor();
    await button(page, '4').click();
    assert.ok(await button(page, 'Show code').isDisabled());
    await shot(carla, 'account-request-offline');
    await page.getByRole('link', { name: 'Ask with this phone instead' }).click();
    await page.locator('[data-unsigned]').waitFor();
    await shot(carla, 'receive-hosted-phone');
    await dora.context.setOffline(true);
    const paid = await payCode(dora, await ask(carla, '4', 'bread'));
    await press(carla, 'Scan the payment');
    await paste(carla, paid);
    await page.locator('[data-verdict=good]').waitFor();
    assert.equal(await button(page, 'Show a receipt').count(), 0, 'there is no key to sign a receipt with');
    await shot(carla, 'verdict-hosted-phone');
    await button(page, 'Done').click();
    await go(carla, 'account/security');
    await page.locator('[data-holds]').waitFor();
    assert.ok(await button(page, 'Sign out').isDisabled(), 'nobody is signed out of what the phone holds');
    await context.setOffline(false);
    await go(carla, 'home');
    await page.getByText(/Cleared|Settled|Final/).first().waitFor({ timeout: 60_000 });
    say('a hosted user asks and is paid with no network, and is not signed out of it');
}
