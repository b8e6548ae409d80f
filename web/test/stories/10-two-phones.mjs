/** Two phones with no network: from new wallets to a proof, and a battery that falls out twice on the way. */
import assert from 'node:assert/strict';
import { kill } from '../parts/phone.mjs';
import { go, goOffline, market, request, take, tookEngine, unlock } from '../parts/people.mjs';
import { sideBySide } from '../parts/pictures.mjs';
import { shot } from '../parts/screen.mjs';

/** It measures. */
export const alone = true;

export async function story({ server, studio, phone, say, measured }) {
    let alice = await phone('alice');
    let shop = await phone('shop');
    await market(server, alice, shop, { pictures: '' });
    await shot(alice, 'home-ready');
    await go(alice, 'money');
    await shot(alice, 'money');
    await go(alice, 'home');
    await go(shop, 'settings');
    await shot(shop, 'settings');
    say('two wallets, one ready to pay offline');

    await goOffline(alice, shop);
    await request(shop, '12.50', 'coffee');
    await shot(shop, 'request');
    await studio.pointAt(alice, shop);
    await go(alice, 'pay');
    await alice.page.locator('[data-screen=confirm-pay]').waitFor();
    await shot(alice, 'pay-confirm');
    await sideBySide(studio, 'asking', shop, alice);
    await alice.page.getByRole('button', { name: /^Pay / }).click();
    await alice.page.locator('.qr path').waitFor({ state: 'attached' });
    await shot(alice, 'paid');

    // The code was shown, so the payment is stored: the phone comes back with it, and pays nothing twice.
    await kill(alice);
    alice = await phone('alice', { offline: true });
    await go(alice, 'home');
    await alice.page.locator('[data-screen=unlock]').waitFor();
    await shot(alice, 'unlock');
    await unlock(alice);
    await go(alice, 'history');
    await shot(alice, 'history');
    assert.equal(await alice.page.getByText('coffee').count(), 1, 'signed once');
    await alice.page.getByText('coffee').click();
    await alice.page.getByRole('button', { name: /code/i }).first().click();
    say('the payer was killed after signing, and came back with the payment');

    assert.equal(await take(studio, shop, alice), 'good');
    await shop.page.waitForTimeout(400);
    measured.verdict_ms = await tookEngine(shop, 'accept');
    await shot(shop, 'verdict');
    await sideBySide(studio, 'guaranteed', alice, shop);
    await shop.page.getByRole('button', { name: 'Show a receipt' }).click();
    await shop.page.locator('.qr path').waitFor({ state: 'attached' });
    say('paid offline through the cameras: guaranteed');

    await kill(shop);
    shop = await phone('shop', { offline: true });
    await go(shop, 'home');
    await unlock(shop);
    await shop.page.getByText('coffee').waitFor();
    await shot(shop, 'home-held');
    const second = await shop.context.newPage();
    await second.goto(server.url);
    await second.getByText('Open in another tab').waitFor();
    await shot({ page: second }, 'second-tab');
    await second.close();
    say('the shop was killed and holds the payment; a second tab is refused');

    await shop.context.setOffline(false);
    await shop.page.getByText('Cleared').waitFor({ timeout: 60_000 });
    // The server brings it on-chain by itself.
    await server.until(shop.page.getByText('Final').waitFor({ timeout: 90_000 }));
    await shop.page.getByText('coffee').click();
    await shop.page.getByRole('button', { name: 'Prove it' }).click();
    await shop.page.locator('[data-proven=true]').waitFor();
    await shot(shop, 'proven');
    await alice.context.setOffline(false);
    await alice.page.reload();
    await unlock(alice);
    await go(alice, 'history');
    await server.until(alice.page.locator('a.line', { hasText: 'Final' }).waitFor({ timeout: 90_000 }));
    say('settled and final on both phones, and proven on the shop’s');
}
