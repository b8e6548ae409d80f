/** Who owes more than the purse had pays the rest in time, and loses nothing. And a server that lies about clearing. */
import assert from 'node:assert/strict';
import { copyPhone } from '../parts/phone.mjs';
import { createWallet, go, joinCircle } from '../parts/people.mjs';
import { again, ask, members, pay, press, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

const UNIT = 10n ** 18n;

/** Somebody who says that the payment is cleared, keeps it, and cannot sign for the operator. */
async function lies({ context }, { told }) {
    const made = {
        clearance: {
            domain: { chainId: 31337, verifyingContract: told.contract },
            message: { root: `0x${'1d'.repeat(32)}`, clearedAt: Math.floor(Date.now() / 1000) },
            signature: `0x${'2f'.repeat(64)}1b`,
        },
        path: [],
    };
    const seen = [];
    await context.route('**/v1/payments', (route) => {
        const { payment } = route.request().postDataJSON();
        seen.push(payment);
        return route.fulfill({ status: 200, json: { id: `0x${'3a'.repeat(32)}`, ...made } });
    });
    return seen;
}

export async function story({ server, phone, folder, say }) {
    const [payer, shop, baker] = [await phone('alice'), await phone('shop'), await phone('baker')];
    const bakery = await createWallet(baker, 'Baker');
    await server.fund(bakery.account);
    const { alice, door } = await members(server, payer, shop, { also: [bakery.account] });
    await joinCircle(baker);
    const told = await lies(baker, server);
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
    assert.ok(told.length > 0, 'it was asked');
    assert.equal(await baker.page.getByText('Cleared').count(), 0, 'a clearance that is none counts for nothing');
    assert.equal(Number(await server.rpc('eth_getTransactionCount', bakery.account, 'latest')), sentBefore + 1);
    await server.mine();
    say('what a server says and did not sign is not believed: the payment goes on-chain');

    await shop.context.setOffline(false);
    await again(shop);
    await shop.page.getByText(/Settled|In default/).first().waitFor({ timeout: 60_000 });
    await server.mine();
    await again(shop);
    await server.until(shop.page.locator('[data-default=other]').waitFor({ timeout: 90_000 }));

    await second.context.setOffline(false);
    await again(second);
    await server.until(second.page.locator('[data-default=own]').waitFor({ timeout: 90_000 }));
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
        await server.until(one.page.locator('[data-default]').waitFor({ state: 'detached', timeout: 90_000 }));
    }
    await go(shop, 'history');
    await server.until(shop.page.locator('a.line', { hasText: 'Final' }).waitFor({ timeout: 90_000 }));
    await go(second, 'money');
    const { account } = alice;
    assert.ok((await server.collateral(account)) >= 2500n * UNIT, 'no collateral is lost');
    await press(second, 'Back');
    say('made good in time: the shop is paid in full, and no collateral is lost');
}
