/** What is asked of operators' servers in a sync. They are never needed: without them, the chain is. */
import type { Engine } from '../engine/client';
import { Refused } from '../engine/client';
import type { Hex, SyncTask } from '../engine/pkg/offpay_wasm';
import { Problem, ask, serverOf } from '../operator/http';
import type { Network } from './config';

/** Without the cookie: nobody needs to know who asks. */
const ANONYMOUS = { token: '' };

/** The network as it is, with the server that an operator's card names. */
function at(network: Network, server: string | undefined): Network | null {
    if (network.operator === null) return null;
    const named = server === undefined || server === '' ? network.operator.server : server;
    return named === '' ? null : { ...network, operator: { ...network.operator, server: named } };
}

/** A fresh certificate; `null` if the operator has none, or is silent. */
export async function certificate(network: Network, purse: Hex): Promise<unknown> {
    if (serverOf(network) === null) return null;
    try {
        const told = await ask<string | { certificate: unknown }>(network, `/v1/purses/${purse}/certificate`, ANONYMOUS);
        return typeof told === 'string' ? told : told.certificate;
    } catch {
        return null;
    }
}

/** The operator's keys, so that the wallet can follow it to the next one. */
export async function followKeys(engine: Engine, network: Network, task: SyncTask): Promise<void> {
    const server = at(network, task.server);
    if (server === null) return;
    const told = await ask<unknown>(server, '/v1/operator', ANONYMOUS);
    await engine.run({ do: 'syncLearn', index: task.index, results: [told] });
}

/** The operator's list of purses that are closing: what changed in it, or all of it if that does not fit. */
export async function revocations(engine: Engine, network: Network, task: SyncTask): Promise<void> {
    const server = at(network, task.server);
    if (server === null) return;
    const since = task.since === null || task.since === undefined ? '' : `?since=${task.since}`;
    const changes = await ask<unknown>(server, `/v1/revocations${since}`, ANONYMOUS);
    const { whole } = await engine.run({ do: 'syncLearn', index: task.index, results: [changes] });
    if (whole !== true) return;
    const all = await ask<unknown>(server, '/v1/revocations', ANONYMOUS);
    await engine.run({ do: 'syncLearn', index: task.index, results: [all] });
}

/** Hands a channel's newest vouchers to the watchtower, which answers a stale close. Says whether it took them. */
export async function handOver(network: Network, body: unknown): Promise<boolean> {
    if (serverOf(network) === null) return false;
    try {
        await ask<unknown>(network, '/v1/watch/channels', { method: 'POST', ...ANONYMOUS, body });
        return true;
    } catch {
        return false;
    }
}

/**
 * Hands a payment in. It counts only if what comes back clears it; the wallet checks. A server that gives something else
 * is as good as none: the payment goes on-chain.
 */
export async function handIn(engine: Engine, network: Network, task: SyncTask): Promise<boolean> {
    if (serverOf(network) === null) return false;
    let cleared: unknown;
    try {
        cleared = await ask<unknown>(network, '/v1/payments', { method: 'POST', ...ANONYMOUS, body: { payment: task.payment } });
    } catch (error) {
        if (error instanceof Problem) return false;
        throw error;
    }
    const check = async (): Promise<boolean> => (await engine.run({ do: 'syncCleared', index: task.index, cleared })).handedIn;
    const isLie = (error: unknown): boolean => error instanceof Problem || (error instanceof Refused && /^(clearance_|node_answer|malformed)/.test(error.code));
    try {
        return await check();
    } catch (error) {
        if (!isLie(error)) throw error;
        if (!(error instanceof Refused) || error.code !== 'clearance_operator_untrusted') return false;
    }
    try {
        // It may have moved on to its next key just now.
        await engine.run({ do: 'takeOperatorKeys', operator: await ask<unknown>(network, '/v1/operator', ANONYMOUS) });
        return await check();
    } catch (error) {
        if (!isLie(error)) throw error;
        return false;
    }
}
