/**
 * Other wallets in this browser (EIP-6963). One that has tokens signs that they may be taken (EIP-2612) and where they go;
 * the operator sends it, so that nobody needs gas. What is signed is made in the engine.
 */
import type { Engine } from '../engine/client';
import type { Amount, Fee, Hex } from '../engine/pkg/offpay_wasm';
import { guest, relayFee, relayFor } from '../operator/own';
import { Problem } from '../operator/http';
import { nonce } from './bring';
import type { Network } from './config';
import { ask } from './rpc';

interface Provider {
    request(asked: { method: string; params?: unknown[] }): Promise<unknown>;
}

export interface BrowserWallet {
    id: string;
    name: string;
    provider: Provider;
}

interface Announcement extends Event {
    detail?: { info?: { uuid?: unknown; name?: unknown }; provider?: Provider };
}

/** Calls back for each wallet that there is; gives what ends it. */
export function discover(onfound: (found: BrowserWallet) => void): () => void {
    const heard = (event: Announcement): void => {
        const { info, provider } = event.detail ?? {};
        if (typeof info?.uuid !== 'string' || typeof info.name !== 'string' || provider === undefined) return;
        onfound({ id: info.uuid, name: info.name.slice(0, 40), provider });
    };
    addEventListener('eip6963:announceProvider', heard);
    dispatchEvent(new Event('eip6963:requestProvider'));
    return () => removeEventListener('eip6963:announceProvider', heard);
}

async function connect(network: Network, { provider }: BrowserWallet): Promise<Hex> {
    const [account] = (await provider.request({ method: 'eth_requestAccounts' })) as Hex[];
    if (account === undefined) throw new Problem('no_account', 'That wallet gave no account.', 0, true);
    const wanted = `0x${network.deployment.domain.chainId.toString(16)}`;
    if ((await provider.request({ method: 'eth_chainId' })) !== wanted) {
        await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: wanted }] });
    }
    return account;
}

function utf8(text: string): Hex {
    return `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Takes tokens of another wallet into this account's balance. */
export async function bringFrom(engine: Engine, network: Network, from: BrowserWallet, amount: Amount): Promise<void> {
    const terms = await relayFee(network);
    if (terms === null) throw new Problem('no_server', 'The operator cannot be reached.', 0, true);
    const account = await connect(network, from);
    const results = await ask(network.rpc[0] ?? '', await engine.run({ do: 'guestCalls', token: network.token, account }));
    const { typed, deadline } = await engine.run({ do: 'guestPermit', token: network.token, account, amount, results });
    const sign = (data: unknown): Promise<Hex> =>
        from.provider.request({ method: 'eth_signTypedData_v4', params: [account, JSON.stringify(data)] }) as Promise<Hex>;
    const signature = await sign(typed);
    const fee: Fee | null = terms.fee;
    const made = await engine.run({ do: 'guestRelay', account, amount, deadline, signature, fee, nonce: nonce() });
    const agreed = await sign(made.typed);
    const token = await guest(engine, network, account, async (message) => (await from.provider.request({ method: 'personal_sign', params: [utf8(message), account] })) as Hex);
    await relayFor(network, token, { relay: made.relay, signature: agreed });
}
