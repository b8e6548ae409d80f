/** A circle: who runs it, what it covers, whose purses it covers, and a verdict that names it; heard and felt. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWallet, go, openPurse, ready } from '../parts/people.mjs';
import { ask, code, notice, press, screen, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

/** Who applied, as the operator sees it. */
async function applicants(server) {
    const ask = async (path, headers = {}) => (await fetch(new URL(path, server.told.server), { headers })).json();
    const { circle } = await ask('/v1/circles/own');
    const token = await server.adminToken();
    const found = await ask(`/v1/circles/${circle}/applications`, { authorization: `Bearer ${token}` });
    return found.map(({ account, message, state }) => [account.toLowerCase(), message, state]);
}

/** One token is worth two euros here. */
export const settings = { OFFPAY_WEB__CURRENCY: 'EUR', OFFPAY_WEB__CURRENCY_PER_TOKEN: '2' };

export async function story({ server, phone, folder, say }) {
    const [payer, shop] = [await phone('alice'), await phone('shop')];
    await notice(shop);
    const alice = await createWallet(payer, 'Alice');
    const door = await createWallet(shop, 'Blue Door');
    await server.fund(alice.account, '2000000000000000000000');
    await server.fund(door.account);

    await go(shop, 'circles');
    await shot(shop, 'circles-offered');
    await press(shop, 'Trust and join');
    await shop.page.getByText('Not a member yet').waitFor();
    await press(shop, 'Apply');
    assert.equal(await shop.page.locator('.qr').getAttribute('data-code'), door.account);
    await shop.page.fill('[name=message]', 'the blue door at the market');
    await shot(shop, 'circle-apply');
    await press(shop, 'Send the application');
    await shop.page.locator('[data-applied=open]').waitFor();
    await shot(shop, 'circle-applied');
    assert.deepEqual(await applicants(server), [[door.account.toLowerCase(), 'the blue door at the market', 'open']]);
    say('applied: it is with whoever runs the circle');
    await server.admit(door.account);
    await server.aWeekPasses();
    await openPurse(server, payer);
    await ready(payer);
    await go(shop, 'home');
    await shop.page.reload();
    await go(shop, 'circles');
    await shop.page.fill('[name=pin]', '246810');
    await press(shop, 'Unlock');
    await shop.page.locator('[data-member=true]').waitFor({ timeout: 60_000 });
    await shop.page.getByText(/^Run by/).first().waitFor();
    say('joined and admitted');

    // No camera: a photo of the code does as well, and one without a code says so.
    await ask(shop, '5', 'flowers');
    await shop.page.locator('[data-local]').getByText('10.00').waitFor();
    const [photo, wall, notes] = ['photo.png', 'wall.png', 'notes.png'].map((name) => join(folder, name));
    await writeFile(notes, 'no picture at all');
    await writeFile(photo, await shop.page.locator('.qr').screenshot());
    await go(payer, 'home');
    await writeFile(wall, await payer.page.screenshot());
    await go(payer, 'pay');
    await payer.page.setInputFiles('input[type=file]', notes);
    await payer.page.getByText('There is no code in this picture.').waitFor();
    // One right after the other, and the camera looks as well: each picture gets its own answer.
    for (const picture of [wall, photo]) await payer.page.setInputFiles('input[type=file]', picture);
    await screen(payer, 'confirm-pay');
    await payer.page.locator('[data-local]').getByText('10.00').waitFor();
    await shot(payer, 'pay-confirm-local');
    await payer.page.getByRole('button', { name: /^Pay / }).click();
    await screen(payer, 'paid');
    await take(shop, await code(payer));
    say('scanned from a photo; local money beside the token');
    await shop.page.locator('[data-cover]').waitFor();
    await shot(shop, 'verdict-circle');
    const { vibrations, tones } = await shop.page.evaluate(() => window.noticed);
    assert.equal(vibrations.length, 1, 'felt');
    assert.ok(tones >= 2, 'heard');
    await go(shop, 'circles');
    await shop.page.locator('[data-payer]').waitFor();
    await shop.page.getByText('Certain').waitFor();
    await shot(shop, 'circles');
    say('the verdict names the circle; it says what it covers and whose purses');
}
