/** What was asked of the chain, followed until it is in a block. */
import type { Amount, Hex } from '../engine/pkg/offpay_wasm';
import type { Network } from '../chain/config';
import { Problem, ask } from './http';

export interface Operation {
    id: string;
    kind: string;
    state: 'pending' | 'mined' | 'final' | 'failing' | 'failed';
    account: Hex;
    amount: Amount;
    fee: Amount;
    details: Record<string, unknown>;
    /** The number of the transaction that does it. */
    transaction: string;
    created_at: number;
}

const LOOK_AGAIN = 700;
const MOST_LOOKS = 120;

/** Waits until it is in a block; what did not go through is an error. */
export async function mined(network: Network, begun: Operation, token?: string): Promise<Operation> {
    let one = begun;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
        if (one.state === 'mined' || one.state === 'final') return one;
        if (one.state === 'failed' || one.state === 'failing') {
            throw new Problem('operation_failed', 'The contract refused it. Nothing was moved.', 409, false);
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
        one = await ask<Operation>(network, `/v1/operations/${one.id}`, token === undefined ? {} : { token });
    }
    throw new Problem('operation_slow', 'It is on its way, and in no block yet.', 0, true);
}
