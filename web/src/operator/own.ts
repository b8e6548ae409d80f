/**
 * The operator's server for who has an own wallet: it sends what the wallet signed, so that nobody needs gas, and gives
 * test money. The session's token lives in this module alone, and ends with the page.
 */
import type { Engine } from '../engine/client';
import type { Amount, Batch, Fee, Hex } from '../engine/pkg/offpay_wasm';
import type { Network } from '../chain/config';
import { Problem, ask, askTwice, serverOf } from './http';
import { type Operation, mined } from './operations';

interface Nonce {
    nonce: string;
    domain: string;
    uri: string;
}

interface Session {
    account: Hex;
    token: string;
    expires_at: number;
}

interface Terms {
    fee_account: Hex;
    fee: Amount;
}

let session: Session | null = null;

/** A session of the wallet's account: the wallet signs in with its own key (EIP-4361). */
async function signedIn(engine: Engine, network: Network, account: Hex): Promise<string> {
    const left = session === null ? 0 : session.expires_at - Date.now() / 1000;
    if (session !== null && session.account.toLowerCase() === account.toLowerCase() && left > 60) return session.token;
    const anonymous = '';
    const asked = await ask<Nonce>(network, '/v1/sessions/wallet/nonce', { method: 'POST', token: anonymous });
    const server = serverOf(network);
    // A server that has this wallet sign in elsewhere gets no signature.
    if (server === null || asked.domain !== server.host) throw new Problem('wrong_site', 'The operator names another site.', 0, false);
    const { message, signature } = await engine.run({ do: 'signIn', domain: asked.domain, uri: asked.uri, nonce: asked.nonce });
    session = await ask<Session>(network, '/v1/sessions/wallet', { method: 'POST', token: anonymous, body: { message, signature } });
    return session.token;
}

/** Does something with a session; a session that is over is opened once more. */
async function within<T>(engine: Engine, network: Network, account: Hex, work: (token: string) => Promise<T>): Promise<T> {
    try {
        return await work(await signedIn(engine, network, account));
    } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        session = null;
        return work(await signedIn(engine, network, account));
    }
}

/** What the operator wants for sending a batch; `null` if nobody answers who would send it. */
export async function relayFee(network: Network): Promise<{ fee: Fee | null } | null> {
    if (serverOf(network) === null) return null;
    try {
        const terms = await ask<Terms>(network, '/v1/relay');
        return { fee: terms.fee === '0' ? null : { to: terms.fee_account, amount: terms.fee } };
    } catch (error) {
        if (error instanceof Problem && (error.isSilence || error.status === 404 || error.status >= 500)) return null;
        throw error;
    }
}

/** A session of another wallet in this browser, for one relay: what its `sign` signs is a message of the engine. */
export async function guest(engine: Engine, network: Network, account: Hex, sign: (message: string) => Promise<Hex>): Promise<string> {
    const asked = await ask<Nonce>(network, '/v1/sessions/wallet/nonce', { method: 'POST', token: '' });
    const { message } = await engine.run({ do: 'guestSignIn', account, domain: asked.domain, uri: asked.uri, nonce: asked.nonce });
    const body = { message, signature: await sign(message) };
    return (await ask<Session>(network, '/v1/sessions/wallet', { method: 'POST', token: '', body })).token;
}

/** Has the operator send what a session's account signed, and waits until it is in a block. */
export async function relayFor(network: Network, token: string, body: { relay: unknown; signature: Hex }): Promise<Operation> {
    return mined(network, await askTwice<Operation>(network, '/v1/relay', { method: 'POST', token, body }), token);
}

/** Has the operator send a signed batch, and waits until it is in a block. */
export function relay(engine: Engine, network: Network, account: Hex, batch: Batch): Promise<Operation> {
    const body = { relay: batch.relay, signature: batch.signature };
    return within(engine, network, account, (token) => relayFor(network, token, body));
}

/** The transaction that an operation is in; `null` if the server does not say. */
export function transactionOf(engine: Engine, network: Network, account: Hex, done: Operation): Promise<Hex | null> {
    return within(engine, network, account, async (token) => {
        const told = await ask<{ attempts: { hash: Hex; block?: unknown }[] }>(network, `/v1/transactions/${done.transaction}`, { token });
        return told.attempts.find((attempt) => attempt.block !== undefined)?.hash ?? null;
    }).catch(() => null);
}

/** Applies to a circle: whoever runs it decides. The answer says whether it was decided at once. */
export function apply(engine: Engine, network: Network, account: Hex, circle: Hex, message: string): Promise<{ state: 'open' | 'admitted' | 'declined' }> {
    return within(engine, network, account, (token) => askTwice(network, `/v1/circles/${circle}/applications`, { method: 'POST', token, body: { message } }));
}

/** Test money, as balance. */
export function faucet(engine: Engine, network: Network, account: Hex): Promise<Operation> {
    return within(engine, network, account, async (token) => {
        const begun = await askTwice<Operation>(network, '/v1/faucet', { method: 'POST', token, body: {} });
        return mined(network, begun, token);
    });
}

/** The purses that the operator knows of this account: a phone that was lost may have had them. */
export function knownPurses(engine: Engine, network: Network, account: Hex): Promise<Hex[]> {
    return within(engine, network, account, async (token) => {
        const told = await ask<{ purses: { purse: Hex }[] }>(network, '/v1/account', { token });
        return told.purses.map((each) => each.purse);
    });
}

/** Forgets the session, as when the wallet is locked. */
export function forget(): void {
    session = null;
}
