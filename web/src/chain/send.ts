import type { Engine } from '../engine/client';
import type { Hex, Send } from '../engine/pkg/offpay_wasm';
import type { Network } from './config';
import { NodeError, ask, one } from './rpc';

const LOOK_AGAIN = 1000;
const MOST_LOOKS = 120;

interface Receipt {
    status: Hex;
}

/** Sends a transaction of the owner's account and waits until it is in a block. The account pays for the gas. */
export async function send(engine: Engine, network: Network, account: Hex, call: Send): Promise<Hex> {
    const url = network.rpc[0] ?? '';
    const from = { from: account, to: call.to, data: call.data };
    const [nonce, gas, price] = (await ask(url, [
        { method: 'eth_getTransactionCount', params: [account, 'pending'] },
        { method: 'eth_estimateGas', params: [from] },
        { method: 'eth_gasPrice', params: [] },
    ])) as [Hex, Hex, Hex];
    const signed = await engine.run({
        do: 'signTransaction',
        token: network.token,
        transaction: {
            to: call.to,
            data: call.data,
            nonce: Number(nonce),
            // Estimates are tight where refunds and calls within calls are.
            gas: Math.ceil(Number(gas) * 1.3),
            maxFee: `0x${(BigInt(price) * 2n).toString(16)}`,
            tip: `0x${(BigInt(price) / 10n + 1n).toString(16)}`,
        },
    });
    await one<Hex>(url, 'eth_sendRawTransaction', [signed.raw]);
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
        const receipt = await one<Receipt | null>(url, 'eth_getTransactionReceipt', [signed.hash]);
        if (receipt !== null) {
            if (BigInt(receipt.status) === 0n) throw new NodeError('The transaction failed.', true);
            return signed.hash;
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
    throw new NodeError('The transaction is not in a block yet.', false);
}
