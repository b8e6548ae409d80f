/** A till: a phone that takes payments and cannot spend, its day, and a refund that its owner pays. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PIN, createWallet, go, goOffline, openPurse, ready } from '../parts/people.mjs';
import { again, code, notice, paste, press, screen, sum, take } from '../parts/counter.mjs';
import { shots } from '../parts/screen.mjs';
import { shot } from '../parts/screen.mjs';

export async function story({ server, phone, folder, say }) {
    const [payer, owner] = [await phone('alice'), await phone('owner')];
    const alice = await createWallet(payer, 'Alice');
    const door = await createWallet(owner, 'Blue Door');
    await go(owner, 'shop');
    await press(owner, 'Add a till');
    await press(owner, 'Set up its phone');
    const link = await code(owner);
    const account = (await owner.page.locator('[data-till]').textContent()).trim();
    await shot(owner, 'shop-pair');
    await server.fund(alice.account, '2000000000000000000000');
    await server.fund(door.account, '2000000000000000000000');
    await server.admit(account);
    await server.aWeekPasses();
    await openPurse(server, payer);
    await ready(payer);

    const counter = await phone('counter');
    const { page } = counter;
    await notice(counter);
    await page.goto(link);
    await screen(counter, 'till-setup');
    await shot(counter, 'till-setup');
    await page.fill('[name=pin]', PIN);
    await page.fill('[name=again]', PIN);
    await press(counter, 'Make it a till');
    await page.locator('[data-screen=keep], [data-screen=till]').first().waitFor();
    if (await page.locator('[data-do=keep]').isVisible()) await page.locator('[data-do=keep]').click();
    await screen(counter, 'till');
    await go(counter, 'till-menu');
    for (const [name, price] of [['Tea', '2.50'], ['Cake', '4']]) {
        await page.fill('[name=good]', name);
        await page.fill('[name=price]', price);
        await page.getByRole('button', { name: /^Add to items/ }).click();
    }
    await shot(counter, 'till-menu');
    await press(counter, 'Full screen');
    await page.waitForFunction(() => document.fullscreenElement !== null);
    await press(counter, 'Leave full screen');
    await page.waitForFunction(() => document.fullscreenElement === null);
    // The operator vouches for the till's name, with its own key.
    const signer = (await page.locator('[data-signer]').textContent()).trim();
    const vouched = join(folder, 'attestation.txt');
    await server.tool('operator', 'attest', account, '--name', 'Blue Door', '--signer', signer, '--key-file', join(server.data, 'operator.key'), '--out', vouched);
    await press(counter, 'Scan the operator’s code');
    await paste(counter, (await readFile(vouched, 'utf8')).trim());
    await page.getByText('Name verified: Blue Door').waitFor();
    await again(counter, 'circles');
    await page.locator('[data-member=true]').waitFor({ timeout: 60_000 });
    say('a till, its name verified');

    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await goOffline(counter, payer);
    await go(counter, 'till');
    await page.getByRole('button', { name: /^Tea/ }).click();
    await page.getByRole('button', { name: /^Tea/ }).click();
    await page.getByRole('button', { name: /^Cake/ }).click();
    await press(counter, 'Keypad');
    for (const key of '1.20') await press(counter, key);
    await press(counter, '10 %');
    // 2 × 2.50 + 4 + 1.20 = 10.20, and 1.02 on top.
    await page.locator('[data-total="11220000000000000000"]').waitFor();
    await page.locator('[data-tip="1020000000000000000"]').waitFor();
    await shot(counter, 'till');
    await page.getByRole('button', { name: /^Charge/ }).click();
    const request = await code(counter);
    await page.waitForFunction(() => window.noticed.locks === 1);
    await shot(counter, 'till-request');
    await go(payer, 'home');
    await go(payer, 'pay');
    await paste(payer, request);
    await payer.page.getByText('Name verified').waitFor();
    await payer.page.getByRole('button', { name: /^Pay / }).click();
    await screen(payer, 'paid');
    await take(counter, await code(payer));
    await page.waitForFunction(() => window.noticed.locks === 0);
    await shot(counter, 'till-verdict');
    await press(counter, 'Print receipt');
    await page.getByText('2 × 2.50').waitFor();
    await shot(counter, 'till-receipt');
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(shots, 'till-receipt-print.png') });
    assert.equal(await page.locator('.foot').isVisible(), false, 'paper has no buttons');
    await page.emulateMedia({ media: 'screen' });
    await press(counter, 'Next payment');
    await go(counter, 'till-payments');
    await page.locator('[data-count="1"]').waitFor();
    await shot(counter, 'till-payments');
    say('items, tip, guaranteed offline, a printed receipt; the screen stays on while the code shows');

    await go(counter, 'till-report');
    await page.locator('[data-sum=taken]').waitFor();
    assert.deepEqual([await sum(counter, 'taken'), await sum(counter, 'tips'), await sum(counter, 'guaranteed'), await sum(counter, 'held')], [11.22, 1.02, 11.22, 11.22]);
    await shot(counter, 'till-report');
    const [table] = await Promise.all([page.waitForEvent('download'), press(counter, 'Export table (CSV)')]);
    assert.match(await readFile(await table.path(), 'utf8'), /,sale,11\.22,1\.02,OFFPAY,guaranteed,held,/);
    await press(counter, 'Show to the owner');
    const report = await code(counter);
    await shot(counter, 'till-report-code');
    // Locked, it still takes payments; what needs the PIN asks for it.
    await page.reload();
    await go(counter, 'till');
    await screen(counter, 'till');
    await go(counter, 'settings');
    await screen(counter, 'unlock');
    await page.fill('[name=pin]', PIN);
    await press(counter, 'Unlock');
    await screen(counter, 'settings');

    await go(owner, 'home');
    await go(owner, 'shop');
    // The same report again counts once; a damaged one does not count.
    for (let times = 0; times < 2; times++) {
        await press(owner, 'Scan a report or a refund');
        await paste(owner, report);
        await owner.page.locator('[data-sum-of="1"]').waitFor();
        assert.equal(await sum(owner, 'taken'), 11.22);
    }
    await press(owner, 'Scan a report or a refund');
    await paste(owner, report.replace('/1.', '/2.'));
    await owner.page.locator('.error').waitFor();
    await shot(owner, 'shop');
    say('the report: table, code, added up on the owner’s phone');

    await openPurse(server, owner);
    await ready(owner);
    const wanted = async (amount) => {
        await go(counter, 'till-payments');
        await page.locator('a.line').first().click();
        await page.getByRole('link', { name: 'Ask for a refund' }).click();
        if (amount !== undefined) await page.fill('[name=amount]', amount);
        await press(counter, 'Ask for a refund');
        return code(counter);
    };
    const back = await wanted('4');
    await shot(counter, 'till-refund');
    await go(owner, 'shop');
    await press(owner, 'Scan a report or a refund');
    await paste(owner, back);
    await screen(owner, 'refund-confirm');
    await owner.page.getByText('Asked at till 1').waitFor();
    // The chain says whose purse paid: nobody at the till can name another account.
    await owner.page.locator('[data-payer-is=right]').waitFor();
    await shot(owner, 'refund-confirm');
    await owner.page.getByRole('button', { name: /^Pay back/ }).click();
    const given = await code(owner);
    await go(payer, 'home');
    await go(payer, 'pay');
    await paste(payer, given);
    // Alice is in no circle: nothing covers her refund, and she takes it all the same.
    await payer.page.locator('[data-verdict=warn]').waitFor();
    await payer.page.getByText(/^Accepted: .?4/).waitFor();
    await shot(payer, 'refund-taken');
    await press(owner, 'Done');
    await press(owner, 'Scan a report or a refund');
    await paste(owner, await wanted());
    await owner.page.locator('.error', { hasText: 'You can give back' }).waitFor();
    say('a refund: asked at the till, paid by the owner, taken by the customer, and never too much');

    await counter.context.setOffline(false);
    await again(counter, 'settings');
    await go(counter, 'till-report');
    // The till has no gas money: the operator takes its payment, and settles it.
    await page.waitForFunction(() => document.querySelector('[data-sum=held]')?.getAttribute('data-total') === '0', null, { timeout: 60_000 });
    say('back online the operator takes what the till held');
}
