/** A payment that could not be paid: told, counted down, evidence kept, and claimed when the time was over. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { copyPhone } from '../parts/phone.mjs';
import { createWallet, go, joinCircle } from '../parts/people.mjs';
import { again, ask, members, pay, press, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

const DAY = 86_400;

export async function story({ server, phone, folder, say }) {
    const [payer, shop, baker] = [await phone('alice'), await phone('shop'), await phone('baker')];
    const bakery = await createWallet(baker, 'Baker');
    await server.fund(bakery.account);
    await members(server, payer, shop, { also: [bakery.account] });
    await joinCircle(baker);
    // Nobody hears from the operator: everybody settles alone.
    for (const one of [payer, shop, baker]) await one.context.route('**/v1/payments', (route) => route.abort());

    // Two phones from one disk image pay with the same money.
    await go(payer, 'home');
    await payer.context.close();
    await copyPhone(folder, 'alice', 'alice-copy');
    const [first, second] = [await phone('alice'), await phone('alice-copy')];
    for (const one of [first, second]) {
        await again(one);
        await one.page.locator('[data-ready=true]').waitFor();
        await one.context.route('**/v1/payments', (route) => route.abort());
    }
    for (const one of [first, second, shop, baker]) await one.context.setOffline(true);
    await take(baker, await pay(first, await ask(baker, '40', 'bread')));
    await take(shop, await pay(second, await ask(shop, '40', 'chairs')));
    await baker.context.setOffline(false);
    await again(baker);
    await baker.page.getByText('Settled').first().waitFor({ timeout: 60_000 });
    await server.mine();
    await shop.context.setOffline(false);
    await again(shop);
    await shop.page.getByText(/Settled|In default/).first().waitFor({ timeout: 60_000 });
    await server.mine();
    await again(shop);
    await server.until(shop.page.locator('[data-default=other]').waitFor({ timeout: 90_000 }));
    await shot(shop, 'home-default');
    await shop.page.locator('[data-default=other]').click();
    await shop.page.locator('[data-reserved]').waitFor();
    await shot(shop, 'default');
    const owed = BigInt(await shop.page.locator('[data-owed]').getAttribute('data-owed'));
    const reserved = BigInt(await shop.page.locator('[data-reserved]').getAttribute('data-reserved'));
    assert.deepEqual([owed, reserved], [20n * 10n ** 18n, 20n * 10n ** 18n], '60 were there for 80');
    const [file] = await Promise.all([shop.page.waitForEvent('download'), press(shop, 'Save the evidence')]);
    const evidence = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.equal(evidence.format, 'offpay-evidence');
    assert.ok(evidence.payments.every((one) => one.payment.signature && one.certificate.signature));
    await go(shop, 'history');
    await shop.page.selectOption('[name=state]', 'defaulted');
    await shop.page.getByText('chairs').waitFor();
    await shot(shop, 'history-defaulted');
    say('told, counted down, with what is reserved; the evidence is saved');

    await server.rpc('evm_increaseTime', DAY + 60);
    await server.mine();
    await again(shop);
    await shop.page.locator('[data-default=other]').click();
    await shop.page.locator('[data-screen=default]').waitFor();
    await shot(shop, 'default-due');
    // It claims when it is in step, and sees that it is paid when it is in step again.
    for (let rounds = 0; rounds < 2; rounds++) {
        await again(shop);
        await shop.page.locator('[data-screen=home]').waitFor();
        await server.mine();
    }
    await server.until(shop.page.locator('[data-default=other]').waitFor({ state: 'detached', timeout: 150_000 }));
    say('claimed out of collateral by itself when the time was over');
}
