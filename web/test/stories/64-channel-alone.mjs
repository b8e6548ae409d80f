/** A channel of two phones that have no gas money: funded later, paid both ways offline, and closed by one side alone. */
import assert from 'node:assert/strict';
import { createWallet, go, testMoney } from '../parts/people.mjs';
import { again, ask, code, paste, pay, press, screen, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

const WEEK = 604_800;
const UNIT = 10n ** 18n;

export async function story({ server, phone, say }) {
    const [owner, friend] = [await phone('owner'), await phone('friend')];
    await server.aWeekPasses();
    const door = await createWallet(owner, 'Blue Door');
    const wood = await createWallet(friend, 'Friend');
    await testMoney(owner);
    const before = await server.balance(door.account);
    await go(friend, 'channels');
    await press(friend, 'Let somebody open one with me');
    const offer = await code(friend);
    await go(owner, 'channels');
    await press(owner, 'Scan the other side’s code');
    await paste(owner, offer);
    await owner.page.fill('[name=deposit]', '20');
    await press(owner, 'Open');
    await screen(owner, 'channel-terms');
    const terms = await code(owner);
    await press(friend, 'Scan the other side’s code');
    await paste(friend, terms);
    await press(friend, 'Take part');
    await screen(friend, 'channel');
    const open = async (one, standing = 'open') => {
        await again(one, 'channels');
        await server.until(one.page.locator(`[data-standing=${standing}]`).click({ timeout: 120_000 }));
        await one.page.locator(`[data-screen=channel][data-standing=${standing}]`).waitFor();
    };
    await server.mine();
    await open(owner);
    await owner.page.fill('[name=fund]', '10');
    await press(owner, 'Add money');
    await owner.page.waitForFunction(() => document.querySelector('[name=fund]')?.value === '');
    await server.mine();
    for (const one of [owner, friend]) await open(one);
    await server.until(owner.page.locator(`[data-can-send="${30n * UNIT}"]`).waitFor({ timeout: 90_000 }));
    assert.equal(await server.balance(door.account), before - 30n * UNIT);
    say('opened with 20 and funded with 10 more, with no gas money');

    for (const one of [owner, friend]) await one.context.setOffline(true);
    await take(friend, await pay(owner, await ask(friend, '12', 'wood')));
    await take(owner, await pay(friend, await ask(owner, '5', 'nails')));
    await go(owner, 'channels');
    await owner.page.locator('[data-standing=open]').click();
    await owner.page.locator(`[data-can-send="${23n * UNIT}"]`).waitFor();
    for (const one of [owner, friend]) await one.context.setOffline(false);
    say('paid both ways with no network');

    await press(owner, 'Close alone');
    await screen(owner, 'channel-alone');
    await shot(owner, 'channel-alone');
    await press(owner, 'Begin to close');
    await owner.page.locator('[data-screen=channel-alone]').waitFor({ state: 'detached' });
    await server.mine();
    await open(owner, 'closing');
    await shot(owner, 'channel-closing');
    // The other side sees it and brings what it was paid, by itself: the operator sends it.
    await open(friend, 'closing');
    await server.rpc('evm_increaseTime', WEEK + 60);
    await server.mine();
    for (const one of [owner, friend]) await open(one, 'closed');
    assert.equal(await server.balance(door.account), before - 7n * UNIT, '30 in, 12 paid, 5 received');
    assert.equal(await server.balance(wood.account), 7n * UNIT);
    for (const { account } of [door, wood]) {
        assert.equal(BigInt(await server.rpc('eth_getBalance', account, 'latest')), 0n, 'no gas money');
        assert.equal(Number(await server.rpc('eth_getTransactionCount', account, 'latest')), 0, 'no transaction of its own');
    }
    say('closed by one side alone after seven days, each with what is its own');
}
