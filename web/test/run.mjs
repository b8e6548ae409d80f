/** Two phones, no network: the whole way from two new wallets to a proof, with the cameras between them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { world } from './chain.mjs';
import { blank, pointAt } from './frame.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const web = dirname(here);
const offpay = process.env.OFFPAY_BIN ?? join(web, '../target/debug/offpay');
const shots = join(web, 'shots');
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const folder = await mkdtemp(join(tmpdir(), 'offpay-web-'));
await mkdir(shots, { recursive: true });
const PIN = '246810';
const axeSource = await readFile(axe, 'utf8');
const violations = [];

const say = (what) => console.log(`web-test: ${what}`);

async function phone(name, camera) {
    const context = await chromium.launchPersistentContext(join(folder, name), {
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 2, hasTouch: true, permissions: ['camera'], locale: 'en-GB',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
            '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(25_000);
    page.on('pageerror', (error) => console.error(`${name}: ${error}`));
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) console.error(`${name}: ${message.text()}`); });
    return { name, context, page };
}

async function shot(page, name) {
    for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.evaluate(axeSource);
    const found = await page.evaluate(`(async () => {
                const { violations } = await axe.run(document, { resultTypes: ['violations'] });
        return violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).join(', '));
    })()`);
    violations.push(...found.map((each) => `${name}: ${each}`));
}

async function onboard({ page, context }, url, name) {
    await context.grantPermissions(['camera'], { origin: url });
    await page.goto(url);
    await page.locator('[data-screen=welcome]').waitFor();
    await shot(page, 'welcome');
    await page.getByRole('button', { name: 'Create a wallet' }).click();
    await page.locator('[data-screen=phrase]').waitFor();
    const words = await page.locator('ol.words li').evaluateAll((all) => all.map((li) => li.lastChild.textContent.trim()));
    assert.equal(words.length, 12);
    await shot(page, 'phrase');
    await page.getByRole('button', { name: 'I wrote them down' }).click();
    for (let asked = 0; asked < 3; asked++) {
        const place = Number(await page.locator('[data-place]').getAttribute('data-place'));
        await page.getByRole('button', { name: words[place], exact: true }).click();
    }
    await page.fill('[name=name]', name);
    await page.fill('[name=pin]', PIN);
    await page.fill('[name=again]', PIN);
    await shot(page, 'name');
    await page.getByRole('button', { name: 'Create wallet' }).click();
    await page.locator('[data-screen=home]').waitFor();
    await page.goto(`${url}#/money`);
    const account = (await page.locator('p.mono').textContent()).trim();
    await page.goto(`${url}#/home`);
    return { words, account };
}

const chain = await world(folder, offpay, join(web, 'dist'));
const cameras = { alice: join(folder, 'alice.mjpeg'), shop: join(folder, 'shop.mjpeg') };
let helperBrowser, alice, shop;
try {
    helperBrowser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    const helper = await helperBrowser.newPage();
    for (const file of Object.values(cameras)) await blank(helper, file);
    alice = await phone('alice', cameras.alice);
    shop = await phone('shop', cameras.shop);
    const { account: payer } = await onboard(alice, chain.url, 'Alice');
    const { account: payee } = await onboard(shop, chain.url, 'Blue Door');
    say('two wallets');

    await chain.fund(payer, '1000000000000000000000');
    await chain.fund(payee);
    await chain.admit(payee);
    await chain.aWeekPasses();

    await alice.page.goto(`${chain.url}#/money`);
    await alice.page.fill('[name=funds]', '100');
    await alice.page.fill('[name=pledge]', '200');
    await shot(alice.page, 'money');
    await alice.page.getByRole('button', { name: 'Set aside', exact: true }).click();
    await alice.page.getByText('ready to pay offline').waitFor({ timeout: 12_000 });
    await chain.mine(4);
    await shop.page.goto(`${chain.url}#/settings`);
    await shot(shop.page, 'settings');
    await shop.page.getByRole('button', { name: 'Join', exact: true }).click();
    await shop.page.getByText('Member since').waitFor();
    await alice.page.goto(`${chain.url}#/home`);
    await alice.page.reload();
    await alice.page.fill('[name=pin]', PIN);
    await shot(alice.page, 'unlock');
    await alice.page.getByRole('button', { name: 'Unlock' }).click();
    await alice.page.locator('[data-ready=true]').waitFor();
    await shot(alice.page, 'home-ready');
    say('ready to pay offline');

    for (const { page, context } of [alice, shop]) {
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
        await context.setOffline(true);
    }
    await shop.page.goto(`${chain.url}#/receive`);
    for (const key of '12.50') await shop.page.getByRole('button', { name: key, exact: true }).click();
    await shop.page.fill('[name=memo]', 'coffee');
    await shot(shop.page, 'receive');
    await shop.page.getByRole('button', { name: 'Show code' }).click();
    await shop.page.locator('.qr path').waitFor({ state: 'attached' });
    await shot(shop.page, 'request');
    await pointAt(shop.page, helper, cameras.alice);
    await alice.page.goto(`${chain.url}#/pay`);
    await alice.page.locator('[data-screen=confirm-pay]').waitFor();
    await shot(alice.page, 'pay-confirm');
    await alice.page.getByRole('button', { name: /^Pay / }).click();
    await alice.page.locator('.qr path').waitFor({ state: 'attached' });
    await shot(alice.page, 'paid');
    await pointAt(alice.page, helper, cameras.shop);
    await shop.page.getByRole('button', { name: 'Scan the payment' }).click();
    await shop.page.locator('[data-verdict]').waitFor();
    assert.equal(await shop.page.locator('[data-verdict]').getAttribute('data-verdict'), 'good');
    await shop.page.waitForTimeout(400);
    await shot(shop.page, 'verdict');
    await shop.page.getByRole('button', { name: 'Show a receipt' }).click();
    await shop.page.locator('.qr path').waitFor({ state: 'attached' });
    await pointAt(shop.page, helper, cameras.alice);
    await alice.page.getByRole('button', { name: 'Scan receipt' }).click();
    await alice.page.getByText('Receipt received').waitFor();
    say('paid offline through the cameras: guaranteed, with a receipt');

    await shop.context.close();
    shop = await phone('shop', cameras.shop);
    await shop.context.setOffline(true);
    await shop.page.goto(`${chain.url}#/home`);
    await shop.page.fill('[name=pin]', PIN);
    await shop.page.getByRole('button', { name: 'Unlock' }).click();
    await shop.page.getByText('coffee').waitFor();
    await shot(shop.page, 'home-held');
    const second = await shop.context.newPage();
    await second.goto(chain.url);
    await second.getByText('Open in another tab').waitFor();
    await shot(second, 'second-tab');
    await second.close();
    say('reopened offline with the payment; a second tab is refused');

    await shop.context.setOffline(false);
    await shop.page.getByText('Handed in').waitFor({ timeout: 60_000 });
    await chain.mine(4);
    await shop.page.reload();
    await shop.page.fill('[name=pin]', PIN);
    await shop.page.getByRole('button', { name: 'Unlock' }).click();
    await shop.page.getByText('Final').waitFor({ timeout: 60_000 });
    await shop.page.getByText('coffee').click();
    await shop.page.getByRole('button', { name: 'Prove it' }).click();
    await shop.page.locator('[data-proven=true]').waitFor();
    await shot(shop.page, 'proven');
    say('settled, final, and proven on the phone');
    assert.deepEqual(violations, [], 'axe');
} catch (error) {
    console.error(violations.join('\n'));
    for (const one of [alice, shop]) console.error(await one?.page.locator('.error').allTextContents().catch(() => ''));
    for (const one of [alice, shop]) await one?.page.screenshot({ path: join(shots, `failed-${one.name}.png`) }).catch(() => undefined);
    throw error;
} finally {
    await alice?.context.close().catch(() => undefined);
    await shop?.context.close().catch(() => undefined);
    await helperBrowser?.close();
    chain.stop();
}
