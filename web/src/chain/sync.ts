/** The network is back: carries the wallet's questions to nodes and operators, and their answers to the wallet. */
import type { Engine } from '../engine/client';
import type { Block, Hex, Send, SyncTask } from '../engine/pkg/offpay_wasm';
import { relay, relayFee, transactionOf } from '../operator/own';
import type { Network } from './config';
import * as operator from './operator';
import { bring, nonce } from './bring';
import { NodeError, ask, one } from './rpc';
import { send } from './send';

/** Enough for every answer to lead to the next question. */
const MOST_ROUNDS = 6;

export interface Synced {
    block: Block;
    handedIn: number;
    /** What went wrong, task by task; the rest was done all the same. */
    problems: string[];
}

interface TheirBlock {
    number: Hex;
    hash: Hex;
}

/** The newest finalized block, and how many nodes agree on it. Two that disagree are not believed. */
export async function finalized(network: Network): Promise<{ block: TheirBlock; nodes: number }> {
    const [first, second] = network.rpc;
    const block = await one<TheirBlock | null>(first ?? '', 'eth_getBlockByNumber', ['finalized', false]);
    if (block === null) throw new NodeError('The node knows no finalized block.', false);
    if (second === undefined) return { block, nodes: 1 };
    const other = await one<TheirBlock | null>(second, 'eth_getBlockByNumber', [block.number, false]);
    if (other === null) throw new NodeError('The second node lags behind.', false);
    if (other.hash !== block.hash) throw new NodeError('Two nodes disagree. Nothing they say is believed.', true);
    return { block, nodes: 2 };
}

/** Only the owner can ask these of the contract: an operator sends them signed, so that they need no gas. */
const OWNERS: SyncTask['what'][] = ['requestClose', 'close'];

/** There is no gas money, and no operator that sends it for nothing. */
export class NoGas extends Error {
    constructor() {
        super('This account has no gas money, and no operator sends this for nothing. Send it a little gas money.');
    }
}

/**
 * Brings a task's call to the contract. Who has gas money needs nobody for it; who has none has the operator send it,
 * unless that costs a fee: nothing leaves a balance by itself.
 */
async function present(engine: Engine, network: Network, account: Hex, task: SyncTask, call: Send): Promise<Hex | null> {
    const gas = await one<Hex>(network.rpc[0] ?? '', 'eth_getBalance', [account, 'latest']);
    if (BigInt(gas) > 0n) return send(engine, network, account, call);
    const terms = await relayFee(network);
    if (terms === null || terms.fee !== null) throw new NoGas();
    const batch = await engine.run({ do: 'syncRelay', index: task.index, fee: null, nonce: nonce() });
    return transactionOf(engine, network, account, await relay(engine, network, account, batch));
}

async function carryOut(engine: Engine, network: Network, account: Hex, unlocked: boolean, task: SyncTask): Promise<boolean> {
    const { index } = task;
    switch (task.what) {
        case 'certificate': {
            const fresh = task.purse === undefined ? null : await operator.certificate(network, task.purse);
            if (fresh !== null) await engine.run({ do: 'takeCertificate', certificate: fresh });
            return false;
        }
        // Money out of the balance is the owner's to decide: the screen of the default asks.
        case 'makeGood':
            return false;
        case 'operatorKey':
            await operator.followKeys(engine, network, task);
            return false;
        case 'revocations':
            await operator.revocations(engine, network, task);
            return false;
        default:
    }
    // Handing in own payments is the payees' matter; with an operator it costs nothing.
    if (task.own === true && (network.operator?.server ?? '') === '') return false;
    const results = await ask(network.rpc[0] ?? '', task.ask);
    const { send: isToBeSent } = await engine.run({ do: 'syncLearn', index, results });
    if (!isToBeSent || task.send === undefined) return false;
    if (task.what === 'handIn' && (await operator.handIn(engine, network, task))) return true;
    if (task.own === true || !unlocked) return false;
    if (OWNERS.includes(task.what)) {
        await bring(engine, network, account, (fee) => engine.run({ do: 'syncRelay', index, fee, nonce: nonce() }));
        return false;
    }
    const transaction = await present(engine, network, account, task, task.send);
    await engine.run({ do: 'syncSent', index, transaction });
    return task.what === 'handIn';
}

/** Brings the wallet in step with the newest finalized block. `unlocked` wallets also send. */
export async function sync(engine: Engine, network: Network, account: Hex, unlocked: boolean): Promise<Synced> {
    const { block: told, nodes } = await finalized(network);
    const block = await engine.run({ do: 'syncBlock', block: told, nodes });
    const problems: string[] = [];
    let handedIn = 0;
    for (let round = 0; round < MOST_ROUNDS; round++) {
        const tasks = await engine.run({ do: 'syncTasks' });
        if (tasks.length === 0) break;
        for (const task of tasks) {
            // A locked wallet still hands in what it was paid: that needs no key, where an operator takes it.
            if (task.send !== undefined && !unlocked && task.what !== 'handIn') continue;
            try {
                if (await carryOut(engine, network, account, unlocked, task)) handedIn++;
            } catch (error) {
                if (error instanceof NodeError && !error.answered) throw error;
                problems.push(error instanceof Error ? error.message : String(error));
            }
        }
    }
    await engine.run({ do: 'syncDone' });
    return { block, handedIn, problems };
}
