/** A channel with a friend: offered, opened, paid both ways with no network, watched, and closed together. */
import assert from 'node:assert/strict';
import { createWallet, go } from '../parts/people.mjs';
import { again, ask, code, paste, pay, press, screen, take } from '../parts/counter.mjs';
import { shot } from '../parts/screen.mjs';

export async function story({ server, phone, say }) {
    const [owner, friend] = [await phone('owner'), await phone('friend')];
    const door = await createWallet(owner, 'Blue Door');
    const wood = await createWallet(friend, 'Friend');
    await server.fund(door.account, '100000000000000000000');
    await server.fund(wood.account);
    await server.aWeekPasses();
    await go(friend, 'channels');
    await shot(friend, 'channels-none');
    await press(friend, 'Let somebody open one with me');
    const offer = await code(friend);
    await shot(friend, 'channel-offer');
    await go(owner, 'channels');
    await press(owner, 'Scan the other side’s code');
    await paste(owner, offer);
    await screen(owner, 'channel-open');
    await owner.page.fill('[name=deposit]', '30');
    await shot(owner, 'channel-open');
    await press(owner, 'Open');
    await screen(owner, 'channel-terms');
    const terms = await code(owner);
    await press(friend, 'Scan the other side’s code');
    await paste(friend, terms);
    await screen(friend, 'channel-join');
    await shot(friend, 'channel-join');
    await press(friend, 'Take part');
    await screen(friend, 'channel');
    await server.mine();
    for (const one of [owner, friend]) {
        await again(one, 'channels');
        await server.until(one.page.locator('[data-standing=open]').click({ timeout: 90_000 }));
        await one.page.locator('[data-screen=channel][data-standing=open]').waitFor();
    }
    assert.equal(await friend.page.locator('[data-can-receive]').getAttribute('data-can-receive'), '30000000000000000000');
    say('offered, opened, taken part in');

    for (const one of [owner, friend]) await one.context.setOffline(true);
    await take(friend, await pay(owner, await ask(friend, '12', 'wood')));
    await friend.page.getByText('Through your channel').waitFor();
    await shot(friend, 'verdict-channel');
    // And back, out of what came in.
    await take(owner, await pay(friend, await ask(owner, '5', 'nails')));
    await go(friend, 'channels');
    await friend.page.locator('[data-standing=open]').click();
    await friend.page.locator('[data-can-send="7000000000000000000"]').waitFor();
    await friend.page.locator('[data-watched=false]').waitFor();
    await shot(friend, 'channel');
    say('paid both ways with no network');

    for (const one of [owner, friend]) await one.context.setOffline(false);
    // The real watchtower takes the newest vouchers of both sides.
    await again(friend, 'channels');
    await friend.page.locator('[data-standing=open]').click();
    await friend.page.locator('[data-watched=true]').waitFor({ timeout: 60_000 });
    await shot(friend, 'channel-watched');
    await again(owner, 'channels');
    await owner.page.locator('[data-standing=open]').click();
    await press(owner, 'Close together');
    const close = await code(owner);
    await shot(owner, 'channel-close');
    await go(friend, 'channels');
    await press(friend, 'Scan the other side’s code');
    await paste(friend, close);
    await screen(friend, 'channel-agree');
    await press(friend, 'Close now');
    await friend.page.getByText('Closed. Your money is in your balance.').waitFor();
    await server.mine();
    await again(friend, 'channels');
    await server.until(friend.page.locator('[data-standing=closed]').waitFor({ timeout: 90_000 }));
    await go(friend, 'home');
    await server.until(friend.page.getByText(/^.?7.OFFPAY/).first().waitFor({ timeout: 90_000 }));
    say('watched by the operator’s tower, closed together, and the money is there');
}
