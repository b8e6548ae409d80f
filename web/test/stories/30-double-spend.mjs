/** A payer copies its phone, and pays twice with one purse: the till that has seen the money refuses, and so does the server. */
import assert from 'node:assert/strict';
import { close, copyPhone } from '../parts/phone.mjs';
import { createWallet, go, goOffline, joinCircle, market, pay, request, take, unlock } from '../parts/people.mjs';
import { shot } from '../parts/screen.mjs';

/** What the server says to a phone that hands a payment in. */
async function handsIn(phone) {
    const answer = phone.page.waitForResponse((response) => response.url().endsWith('/v1/payments'), { timeout: 90_000 });
    await phone.context.setOffline(false);
    await go(phone, 'home');
    const status = (await answer).status();
    await phone.page.getByText(/Cleared|Settled/).first().waitFor({ timeout: 90_000 });
    return status;
}

export async function story({ server, studio, phone, folder, say }) {
    let alice = await phone('alice');
    const shop = await phone('shop');
    const stall = await phone('stall');
    // The stall is a member before the week passes.
    const { account } = await createWallet(stall, 'Tea Stall');
    await server.fund(account);
    await server.admit(account);
    await market(server, alice, shop);
    await joinCircle(stall);
    await goOffline(alice, shop, stall);

    await close(alice);
    for (const copy of ['copy', 'another']) await copyPhone(folder, 'alice', copy);
    alice = await phone('alice', { offline: true });
    await go(alice, 'home');
    await unlock(alice);
    await request(shop, '10', 'shoes');
    await pay(studio, alice, shop);
    assert.equal(await take(studio, shop, alice), 'good');

    // A copy does not know of that payment: it signs the same money again.
    const copy = await phone('copy', { offline: true });
    const another = await phone('another', { offline: true });
    for (const each of [copy, another]) {
        await go(each, 'home');
        await unlock(each);
    }
    await go(shop, 'home');
    await request(shop, '12', 'hat');
    await pay(studio, copy, shop);
    assert.equal(await take(studio, shop, copy), 'bad');
    await shot(shop, 'verdict-double-spend');
    say('the till refuses money that it has seen');

    // The stall cannot know, and is covered. It is online first.
    await request(stall, '12', 'tea');
    await pay(studio, another, stall);
    assert.equal(await take(studio, stall, another), 'good');
    assert.equal(await handsIn(stall), 200);
    assert.equal(await handsIn(shop), 409);
    say('the server refuses the second payment over the same money; the shop settles by itself');
    await server.mine();
    await shop.page.reload();
    await unlock(shop);
    await server.until(shop.page.getByText('Final').first().waitFor({ timeout: 90_000 }));
    say('both sellers are paid out of what the cheat had set aside');
}
