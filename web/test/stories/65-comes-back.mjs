/** What comes back: a shop's payments out of a backup file, and a purse's money after the seven days of its closing. */
import assert from 'node:assert/strict';
import { go, keepMoneyHere, restoreWallet } from '../parts/people.mjs';
import { again, ask, members, pay, press, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';
import { close } from '../parts/phone.mjs';

const WEEK = 604_800;
const UNIT = 10n ** 18n;
const PASSWORD = 'a long enough password';

async function outOfABackup({ server, phone, folder, say }, { shop, payer, words }) {
    for (const one of [payer, shop]) await one.context.setOffline(true);
    await take(shop, await pay(payer, await ask(shop, '20', 'chairs')));
    // And one that nobody pays.
    await ask(shop, '3', 'nobody came');
    await go(shop, 'erase');
    await shop.page.locator('[data-screen=erase][data-held="1"]').waitFor();
    assert.equal(await shop.page.getByRole('button', { name: 'Remove from this phone' }).count(), 0);
    await shot(shop, 'erase-held');
    await go(shop, 'settings');
    await shop.page.getByText('This phone holds payments that are not handed in (1)').waitFor();
    say('nothing is erased while a payment is held');

    await go(shop, 'backup');
    await shop.page.fill('[name=password]', PASSWORD);
    const [download] = await Promise.all([shop.page.waitForEvent('download'), press(shop, 'Save backup')]);
    const file = `${folder}/backup.bin`;
    await download.saveAs(file);
    await close(shop);

    const found = await phone('shop-again');
    const { page } = found;
    await restoreWallet(found, 'Blue Door', words);
    await keepMoneyHere(found);
    await found.context.setOffline(true);
    await go(found, 'history');
    assert.equal(await page.getByText('chairs').count(), 0);
    await go(found, 'backup');
    await page.setInputFiles('[name=file]', file);
    await page.fill('[name=password]', 'another password');
    await press(found, 'Restore a backup');
    await page.getByRole('alert').waitFor();
    await page.fill('[name=password]', PASSWORD);
    await press(found, 'Restore a backup');
    await page.getByText('Payments that came back: 1').waitFor();
    await shot(found, 'backup-restored');
    await go(found, 'home');
    await page.getByText('chairs').first().waitFor();
    say('the payment came back out of the file, on another phone');

    await found.context.setOffline(false);
    await again(found);
    await page.getByText('Cleared').first().waitFor({ timeout: 60_000 });
    await server.until(page.getByText('Final').first().waitFor({ timeout: 90_000 }));
    say('and was handed in, settled, and is final');
}

async function aPurseCloses({ server, say }, { payer, alice }) {
    const { page } = payer;
    await payer.context.setOffline(false);
    // A request that nobody pays in time.
    await go(payer, 'home');
    await ask(payer, '4', 'nobody came');
    await go(payer, 'money');
    await page.locator('[data-standing=open] a').click();
    await press(payer, 'Close this purse');
    await page.getByText('Are you sure?').waitFor();
    await shot(payer, 'purse-close');
    await press(payer, 'Begin to close');
    await page.getByText('Done.').waitFor();
    await server.mine();
    await again(payer, 'money');
    await server.until(page.locator('[data-purse][data-standing=closing]').waitFor({ timeout: 90_000 }));
    const before = await server.balance(alice.account);
    await page.locator('[data-standing=closing] a').click();
    await page.getByText('This purse is closing').waitFor();
    await shot(payer, 'purse-closing');
    assert.equal(await page.getByRole('button', { name: 'Close now' }).count(), 0);
    say('a purse is closing, and cannot be closed before its time');

    await server.rpc('evm_increaseTime', WEEK + 60);
    await server.mine();
    // In step again, the wallet closes it by itself: its owner asked for that.
    await again(payer, 'money');
    await page.locator('[data-screen=money]').waitFor();
    await server.until(page.locator('[data-purse]').waitFor({ state: 'detached', timeout: 150_000 }));
    assert.equal(await server.balance(alice.account), before + 40n * UNIT, '60 set aside, 20 paid');
    await shot(payer, 'money-closed');
    await go(payer, 'history');
    await page.selectOption('[name=state]', 'expired');
    await page.locator('[data-expired]').waitFor();
    await page.getByText('nobody came').waitFor();
    await shot(payer, 'history-expired');
    say('after seven days it is closed, the money is balance again; what nobody paid has expired');
}

export async function story(told) {
    const { server, phone } = told;
    const [payer, shop] = [await phone('alice'), await phone('shop')];
    const { alice, door } = await members(server, payer, shop);
    await outOfABackup(told, { shop, payer, words: door.words });
    await aPurseCloses(told, { payer, alice });
}
