/** Money in and out of an own wallet with no gas money, passkey, limits, backup, and what to do after a lost phone. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { authenticator } from '../parts/authenticator.mjs';
import { PIN, createWallet, go, keepMoneyHere, restoreWallet } from '../parts/people.mjs';
import { close } from '../parts/phone.mjs';
import { shot } from '../parts/screen.mjs';

const run = promisify(execFile);
/** The key of a wallet that is not ours. */
const GUEST = `0x${'4a'.repeat(32)}`;
const PASSWORD = 'a long enough password';
const button = (page, name) => page.getByRole('button', { name, exact: true });
const text = (page, words) => page.getByText(words).first().waitFor();

async function setAside(phone, funds, pledge) {
    const { page } = phone;
    await go(phone, 'money');
    await page.fill('[name=funds]', funds);
    await page.fill('[name=pledge]', pledge);
    await button(page, 'Set aside').click();
    await text(page, 'ready to pay offline');
}

async function moneyWithoutGas({ server, phone, say }) {
    const alice = await phone('alice');
    const { page } = alice;
    const at = (screen) => go(alice, screen);
    await server.aWeekPasses();
    const { words } = await createWallet(alice, 'Alice');
    await at('add');
    await page.locator('.qr path').waitFor({ state: 'attached' });
    await shot(alice, 'add-money');
    const account = (await page.locator('[data-address]').textContent()).trim();
    await button(page, 'Get test money').click();
    await text(page, 'It is in your balance.');
    await setAside(alice, '100', '50');
    await at('home');
    await page.locator('[data-ready=true]').waitFor({ timeout: 60_000 });
    await shot(alice, 'home-ready-relayed');

    await at('withdraw');
    await page.fill('[name=to]', `${account.slice(0, -1)}${account.endsWith('0') ? '1' : '0'}`);
    await page.fill('[name=amount]', '7');
    await button(page, 'Check').click();
    await text(page, 'There is a typing mistake in this address.');
    await page.fill('[name=to]', account);
    await shot(alice, 'withdraw');
    await button(page, 'Check').click();
    await page.locator('[data-screen=withdraw-check]').waitFor();
    await shot(alice, 'withdraw-check');
    await page.getByRole('button', { name: /^Withdraw .?7/ }).click();
    await text(page, 'Sent.');
    await at('add');
    await text(page, 'has arrived');
    await shot(alice, 'arrived');
    await button(page, 'Move it to my balance').click();
    await text(page, 'Waiting for money to arrive');

    await at('money');
    await shot(alice, 'money-purse');
    await page.locator('[data-standing=open] a').click();
    await page.locator('[data-screen=purse]').waitFor();
    await page.fill('[name=more]', '25');
    await button(page, 'Top up').click();
    await text(page, 'can be spent as soon as');
    await server.mine();
    await server.until(page.getByText(/^.?125\b/).first().waitFor({ timeout: 90_000 }));
    await shot(alice, 'purse');
    assert.equal(BigInt(await server.rpc('eth_getBalance', account, 'latest')), 0n, 'no gas money');
    assert.equal(Number(await server.rpc('eth_getTransactionCount', account, 'latest')), 0, 'no transaction of its own');
    say('test money, purse, top-up, withdrawal and deposit without gas');
    return { alice, words, account };
}

/** A wallet of the browser, announced as EIP-6963 has it. It signs, and is never asked to send. */
async function browserWallet({ page }, asked) {
    const cast = async (...args) => (await run('cast', ['wallet', ...args])).stdout.trim();
    const address = await cast('address', GUEST);
    await page.exposeFunction('walletSigns', async (method, params, chainId) => {
        asked.push(method);
        if (method === 'eth_requestAccounts') return [address];
        if (method === 'eth_chainId') return chainId;
        if (method === 'eth_signTypedData_v4') return cast('sign', '--data', params[1], '--private-key', GUEST);
        if (method === 'personal_sign') return cast('sign', params[0], '--private-key', GUEST);
        throw new Error(`the wallet is not asked for ${method}`);
    });
    await page.evaluate((chainId) => {
        const provider = { request: ({ method, params }) => window.walletSigns(method, params ?? [], chainId) };
        const detail = Object.freeze({ info: Object.freeze({ uuid: 'c0ffee00-0000-4000-8000-000000000001', name: 'Fox', icon: 'data:,', rdns: 'test.fox' }), provider });
        const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
        window.addEventListener('eip6963:requestProvider', announce);
        announce();
    }, `0x${(31337).toString(16)}`);
    return address;
}

async function fromAnotherWallet({ server, say }, { alice }) {
    const { page } = alice;
    const asked = [];
    await go(alice, 'home');
    const guest = await browserWallet(alice, asked);
    await server.fund(guest, '40000000000000000000');
    await go(alice, 'add');
    await page.locator('[data-browser-wallets="1"]').waitFor();
    await page.fill('[name=from-wallet]', '41');
    await page.getByRole('button', { name: /from Fox/ }).click();
    await page.getByRole('alert').waitFor();
    const before = await server.rpc('eth_getTransactionCount', guest, 'latest');
    await page.fill('[name=from-wallet]', '30');
    await page.getByRole('button', { name: /from Fox/ }).click();
    await text(page, 'It is in your balance.');
    await page.locator('[data-browser-wallets]').scrollIntoViewIfNeeded();
    await shot(alice, 'add-browser-wallet');
    assert.equal(await server.rpc('eth_getTransactionCount', guest, 'latest'), before, 'it sent nothing');
    assert.deepEqual(asked.filter((method) => /sign/.test(method)), ['eth_signTypedData_v4', 'eth_signTypedData_v4', 'personal_sign']);
    say('tokens of another wallet in the browser, by permit and relay');
}

async function keysAndLimits({ say }, { alice }) {
    const { page } = alice;
    const at = (screen) => go(alice, screen);
    await authenticator(alice);
    await at('passkeys');
    await page.fill('[name=pin]', '999999');
    await button(page, 'Add a passkey').click();
    await text(page, 'Wrong PIN');
    await page.fill('[name=pin]', PIN);
    await shot(alice, 'passkey');
    await button(page, 'Add a passkey').click();
    await text(page, 'The passkey opens this wallet now.');
    await at('settings');
    await shot(alice, 'settings-more');
    await button(page, 'Lock now').click();
    await page.locator('[data-screen=unlock]').waitFor();
    await shot(alice, 'unlock-passkey');
    await button(page, 'Unlock with passkey').click();
    await page.locator('[data-screen=settings]').waitFor();
    await at('passkeys');
    await button(page, 'Remove the passkey').click();
    await page.locator('[data-passkeys="0"]').waitFor();
    await at('settings');
    await button(page, 'Lock now').click();
    await page.locator('[data-screen=unlock]').waitFor();
    assert.equal(await button(page, 'Unlock with passkey').count(), 0);
    await page.fill('[name=pin]', PIN);
    await button(page, 'Unlock').click();
    await page.locator('[data-screen=settings]').waitFor();
    say('a passkey opens the wallet; removed, the PIN still does');

    await at('limits');
    await page.fill('[name=per-payment]', '3');
    await page.fill('[name=pin]', '999999');
    await button(page, 'Save').click();
    await text(page, 'Wrong PIN');
    await page.fill('[name=pin]', PIN);
    await button(page, 'Save').click();
    await text(page, 'Saved.');
    await at('home');
    await at('limits');
    assert.equal(await page.inputValue('[name=per-payment]'), '3');
    await shot(alice, 'limits');

    await at('backup');
    await page.fill('[name=password]', 'short');
    await button(page, 'Save backup').click();
    await page.getByRole('alert').getByText('at least 10 characters').waitFor();
    await page.fill('[name=password]', PASSWORD);
    await shot(alice, 'backup');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save backup').click()]);
    const file = await readFile(await download.path());
    assert.ok(file.length > 100 && !file.includes('Alice'), 'the backup is sealed');
    await at('erase');
    await text(page, 'a purse with money is open');
    await shot(alice, 'erase-refused');
    assert.equal(await page.getByRole('button', { name: 'Remove from this phone' }).count(), 0);
    say('limits need the PIN; a sealed backup; nothing is erased while a purse is open');
}

/** A node that searches for events as well, and an operator that is silent: the chain alone has to do. */
async function chainAlone({ context }, server) {
    let searched = 0;
    await context.route('**/v1/rpc', async (route) => {
        const body = route.request().postData();
        if (body.includes('eth_getLogs')) searched++;
        const answer = await fetch(server.told.chain, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        await route.fulfill({ contentType: 'application/json', body: await answer.text() });
    });
    await context.route('**/v1/account', (route) => route.abort());
    return () => searched;
}

async function lostPhone({ server, phone, say }, { alice, words }) {
    await close(alice);
    const found = await phone('alice-again');
    const { page } = found;
    const at = (screen) => go(found, screen);
    await restoreWallet(found, 'Alice', words);
    await keepMoneyHere(found);
    const searched = await chainAlone(found, server);
    await at('lost');
    await page.locator('[data-lost][data-open=true]').waitFor({ timeout: 60_000 });
    assert.ok(searched() > 0);
    await found.context.unrouteAll({ behavior: 'wait' });
    await at('home');
    await at('lost');
    await page.locator('[data-lost][data-open=true]').waitFor({ timeout: 60_000 });
    say('purses of a lost phone: found by the chain alone, and by the operator alone');
    await text(page, 'can still be paid out of it');
    await shot(found, 'lost');
    await button(page, 'Close the old purse').click();
    await text(page, 'Done.');
    // What it read was the finalized block before.
    await server.mine();
    await button(page, 'Look for purses of a lost phone').click();
    await page.locator('[data-lost][data-open=false]').waitFor();
    await shot(found, 'lost-closing');
    await at('money');
    await page.fill('[name=funds]', '2000');
    await page.fill('[name=pledge]', '10');
    await button(page, 'Set aside').click();
    await page.getByRole('alert').getByText('is missing').waitFor();
    await setAside(found, '10', '10');
    await at('home');
    await page.locator('[data-ready=true]').waitFor({ timeout: 60_000 });
    say('a lost phone: restored, the old purse is closing, a new one is ready');
}

export async function story(told) {
    const own = await moneyWithoutGas(told);
    await fromAnotherWallet(told, own);
    await keysAndLimits(told, own);
    await lostPhone(told, own);
}
