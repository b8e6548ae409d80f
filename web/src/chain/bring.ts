/** How what the owner signed reaches the contract: an operator sends it; without one, the account pays for the gas. */
import type { Engine } from '../engine/client';
import type { Batch, Fee, Hex } from '../engine/pkg/offpay_wasm';
import { relay, relayFee } from '../operator/own';
import type { Network } from './config';
import { send } from './send';

/** A batch's nonce: any that was not used before. */
export function nonce(): string {
    const words = crypto.getRandomValues(new Uint32Array(4));
    return `0x${Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('')}`;
}

/** Signs a batch, with the fee of whoever sends it, and waits until it is in a block. */
export async function bring(engine: Engine, network: Network, owner: Hex, sign: (fee: Fee | null) => Promise<Batch>): Promise<void> {
    const operator = await relayFee(network);
    if (operator !== null) {
        await relay(engine, network, owner, await sign(operator.fee));
        return;
    }
    const batch = await sign(null);
    await send(engine, network, owner, { to: batch.to, data: batch.data });
}
