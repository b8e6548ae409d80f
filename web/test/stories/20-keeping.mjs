/** Before there is offline money: install, and let the browser keep it. Some browsers refuse, and it is said plainly. */
import assert from 'node:assert/strict';
import { allowKeeping } from '../parts/phone.mjs';
import { createWallet, go, goOffline, unlock } from '../parts/people.mjs';
import { shot } from '../parts/screen.mjs';

export async function story({ phone, say }) {
    const ana = await phone('ana', { keeps: false });
    const { page } = ana;
    await createWallet(ana, 'Ana', { keep: false });
    for (const screen of ['receive', 'money']) {
        await go(ana, screen);
        await page.locator('[data-screen=keep]').waitFor();
    }
    await shot(ana, 'keep');
    await page.locator('[data-do=keep]').click();
    await page.locator('[data-kept=refused]').waitFor();
    assert.match(await page.locator('[role=alert]').textContent(), /may delete/);
    await shot(ana, 'keep-refused');
    await page.reload();
    await page.locator('[data-screen=keep]').waitFor();
    say('a browser that refuses to keep the data: it is said, and asked again');

    await allowKeeping(ana, true);
    await page.locator('[data-do=keep]').click();
    await page.locator('[data-screen=keep]').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => navigator.storage.persisted()), true);
    say('asked, granted, and money is let in');

    // The chain of this server is a week behind, and so is who follows it.
    await go(ana, 'home');
    await unlock(ana);
    await page.locator('[data-sync-old]').waitFor({ timeout: 60_000 });
    await page.locator('[data-sync-old]').scrollIntoViewIfNeeded();
    await shot(ana, 'home-sync-old');
    say('it says that it has not been in step with the network for too long');

    const bea = await phone('bea', { keeps: false });
    await createWallet(bea, 'Bea', { keep: false });
    await go(bea, 'receive');
    await bea.page.locator('[data-do=keep]').click();
    await bea.page.locator('[data-do=nevertheless]').click();
    await bea.page.getByRole('button', { name: '5', exact: true }).waitFor();
    say('who was told can go on nevertheless');

    const session = await ana.context.newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors, [], 'it can be installed');
    await goOffline(ana);
    await page.reload();
    await page.locator('[data-screen=unlock]').waitFor();
    say('it can be installed, and opens with no network');
}
