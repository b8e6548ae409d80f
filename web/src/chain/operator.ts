/** What is asked of the operator's server. It is never needed: without it, the chain is. */
import type { Hex } from '../engine/pkg/offpay_wasm';
import type { Network } from './config';

const PATIENCE = 10_000;

function at(network: Network, path: string): string | null {
    const server = network.operator?.server ?? '';
    return server === '' ? null : new URL(path, new URL(server, location.href)).href;
}

/** A fresh certificate; `null` if the operator has none, or is silent. */
export async function certificate(network: Network, purse: Hex): Promise<unknown> {
    const url = at(network, `/v1/purses/${purse}/certificate`);
    if (url === null) return null;
    try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE), credentials: 'omit' });
        if (!answer.ok) return null;
        const told = (await answer.json()) as string | { certificate: unknown };
        return typeof told === 'string' ? told : told.certificate;
    } catch {
        return null;
    }
}

/** Hands a payment in. Says whether the operator took it. */
export async function handIn(network: Network, payment: unknown): Promise<boolean> {
    const url = at(network, '/v1/payments');
    if (url === null) return false;
    try {
        const answer = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ payment }),
            signal: AbortSignal.timeout(PATIENCE),
            credentials: 'omit',
        });
        return answer.ok;
    } catch {
        return false;
    }
}
