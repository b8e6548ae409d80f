/** Tills, circles, defaults and channels: questions to the chain and what their owner does about them. */
import type { Engine } from '../engine/client';
import type { Amount, Answers, Channel, Hex, OnCircle, OnDefault } from '../engine/pkg/offpay_wasm';
import type { Network } from './config';
import { bring, nonce } from './bring';
import { account, missing } from './money';
import { handOver } from './operator';
import { ask } from './rpc';

function node(network: Network): string {
    return network.rpc[0] ?? '';
}

export async function circle(engine: Engine, network: Network, of: Hex): Promise<OnCircle> {
    const results = await ask(node(network), await engine.run({ do: 'circleCalls', circle: of }));
    return engine.run({ do: 'circleRead', results });
}

export async function inDefault(engine: Engine, network: Network, purse: Hex, payee: Hex): Promise<OnDefault> {
    const results = await ask(node(network), await engine.run({ do: 'defaultCalls', purse, payee }));
    return engine.run({ do: 'defaultRead', purse, payee, results });
}

export async function tills(engine: Engine, network: Network, numbers: number[]): Promise<Answers['shopRead']> {
    const results = await ask(node(network), await engine.run({ do: 'shopCalls', tills: numbers }));
    return engine.run({ do: 'shopRead', results });
}

/** Opens a channel with whoever made the offer: deposits what the balance lacks, all or nothing. */
export async function openChannel(engine: Engine, network: Network, owner: Hex, offer: string, deposit: Amount): Promise<Hex> {
    const has = await account(engine, network);
    let channel: Hex = '0x';
    await bring(engine, network, owner, async (fee) => {
        const permit = missing(has, BigInt(deposit) + BigInt(fee?.amount ?? 0));
        const batch = await engine.run({ do: 'openChannel', offer, deposit, batch: { permit, fee, nonce: nonce() } });
        channel = batch.channel;
        return batch;
    });
    return channel;
}

/** Closes a channel at once, as the other side signed it. */
export async function agreeToClose(engine: Engine, network: Network, owner: Hex, code: string): Promise<void> {
    const has = await account(engine, network);
    await bring(engine, network, owner, (fee) => {
        const permit = fee === null ? null : missing(has, BigInt(fee.amount));
        return engine.run({ do: 'agreeToClose', code, batch: { permit, fee, nonce: nonce() } });
    });
}

const WATCHED = 'offpay.watched';

function watched(): Record<string, string> {
    try {
        return JSON.parse(localStorage.getItem(WATCHED) ?? '{}') as Record<string, string>;
    } catch {
        return {};
    }
}

export function isWatched(channel: Channel): boolean {
    return watched()[channel.id] === `${channel.received}/${channel.sent}`;
}

/** Hands the newest vouchers of open channels to the operator's watchtower, once each. */
export async function watch(engine: Engine, network: Network, channels: Channel[]): Promise<void> {
    for (const channel of channels) {
        const empty = channel.received === '0' && channel.sent === '0';
        if (empty || isWatched(channel) || !['open', 'closing'].includes(channel.standing)) continue;
        const body = await engine.run({ do: 'watchChannel', channel: channel.id });
        if (await handOver(network, body)) {
            localStorage.setItem(WATCHED, JSON.stringify({ ...watched(), [channel.id]: `${channel.received}/${channel.sent}` }));
        }
    }
}
