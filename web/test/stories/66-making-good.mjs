/** Who owes more than the purse had pays the rest in time, and loses nothing. And a server that lies about clearing. */
import assert from 'node:assert/strict';
import { copyPhone } from '../parts/phone.mjs';
import { createWallet, go, joinCircle } from '../parts/people.mjs';
import { again, ask, members, pay, press, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

const UNIT = 10n ** 18n;

/** The server clears, and what it says is changed on the way: another signature, or another payment's path. */
async function lies({ context }) {
    await context.route('**/v1/payments', async (route) => {
        const answer = await route.fetch();
        if (!answer.ok()) return route.fulfill({ response: answer });
        const told = await answer.json();
        told.clearance.message.cleared_at = Number(told.clearance.message.cleared_at) - 60;
        return route.fulfill({ response: answer, json: told });
    });
}

export async function story({ server, phone, folder, say }) {
    const [payer, shop, baker] = [await phone('alice'), await phone('shop'), await phone('baker')];
    const bakery = await createWallet(baker, 'Baker');
    await server.fund(bakery.account);
    const { alice, door } = await members(server, payer, shop, { also: [bakery.account] });
    await joinCircle(baker);
    await lies(baker);
    await shop.context.route('**/v1/payments', (route) => route.abort());
    await go(payer, 'home');
    await payer.context.close();
    await copyPhone(folder, 'alice', 'alice-copy');
    const [first, second] = [await phone('alice'), await phone('alice-copy')];
    for (const one of [first, second]) {
        await again(one);
        await one.page.locator('[data-ready=true]').waitFor();
        await one.context.route('**/v1/payments', (route) => route.abort());
        await one.context.setOffline(true);
    }
    for (const one of [shop, baker]) await one.context.setOffline(true);
    await take(baker, await pay(first, await ask(baker, '40', 'bread')));
    await take(shop, await pay(second, await ask(shop, '40', 'chairs')));

    const sentBefore = Number(await server.rpc('eth_getTransactionCount', bakery.account, 'latest'));
    await baker.context.setOffline(false);
    await again(baker);
    await baker.page.getByText('Settled').first().waitFor({ timeout: 60_000 });
    assert.equal(await baker.page.getByText('Cleared').count(), 0, 'a clearance that is none counts for nothing');
    assert.equal(Number(await server.rpc('eth_getTransactionCount', bakery.account, 'latest')), sentBefore + 1);
    await server.mine();
    say('what a server says and did not sign is not believed: the payment goes on-chain');

    await shop.context.setOffline(false);
    await again(shop);
    await shop.page.getByText(/Settled|In default/).first().waitFor({ timeout: 60_000 });
    await server.mine();
    await again(shop);
    await shop.page.locator('[data-default=other]').waitFor({ timeout: 60_000 });

    await second.context.setOffline(false);
    await again(second);
    await second.page.locator('[data-default=own]').waitFor({ timeout: 60_000 });
    await shot(second, 'home-default-own');
    await second.page.locator('[data-default=own]').click();
    await second.page.locator(`[data-owed="${20n * UNIT}"]`).waitFor();
    await shot(second, 'default-own');
    const before = await server.balance(door.account);
    await second.page.getByRole('button', { name: /^Pay .?20/ }).click();
    await second.page.getByText('Paid. Nothing is lost.').waitFor({ timeout: 60_000 });
    await second.page.locator('[data-settled]').waitFor();
    await shot(second, 'default-made-good');
    assert.equal(await server.balance(door.account), before + 20n * UNIT);
    await server.mine();
    for (const one of [second, shop]) {
        await again(one);
        await one.page.locator('[data-screen=home]').waitFor();
        await one.page.locator('[data-default]').waitFor({ state: 'detached', timeout: 60_000 });
    }
    await go(shop, 'history');
    await shop.page.locator('a.line', { hasText: 'Final' }).waitFor({ timeout: 60_000 });
    await go(second, 'money');
    const { account } = alice;
    assert.ok((await server.collateral(account)) >= 2500n * UNIT, 'no collateral is lost');
    await press(second, 'Back');
    say('made good in time: the shop is paid in full, and no collateral is lost');
}
