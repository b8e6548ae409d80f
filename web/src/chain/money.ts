/** The account's money on-chain, and what its owner does with it: always one signed batch. */
import type { Engine } from '../engine/client';
import type { Account, Amount, Batch, Hex, OwnerOperation, Permit, Proven } from '../engine/pkg/offpay_wasm';
import type { Network } from './config';
import { ask, one } from './rpc';
import { send } from './send';
import { finalized } from './sync';

export async function account(engine: Engine, network: Network): Promise<Account> {
    const asks = await engine.run({ do: 'accountCalls', token: network.token });
    const results = await ask(network.rpc[0] ?? '', asks);
    return engine.run({ do: 'accountRead', results });
}

function nonce(): string {
    const words = crypto.getRandomValues(new Uint32Array(4));
    return `0x${Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('')}`;
}

function permit(has: Account, amount: bigint): Permit {
    if (has.permitNonce === null || has.separator === null) throw new Error('The token knows no permits.');
    return { amount: amount.toString(), nonce: has.permitNonce, separator: has.separator };
}

async function bring(engine: Engine, network: Network, owner: Hex, batch: Batch): Promise<Hex> {
    return send(engine, network, owner, { to: batch.to, data: batch.data });
}

export interface PursePlan {
    funds: Amount;
    pledge: Amount;
}

/** Opens a purse: deposits what the balance lacks, posts what the collateral lacks, and opens, all or nothing. */
export async function openPurse(engine: Engine, network: Network, owner: Hex, plan: PursePlan): Promise<Hex> {
    const has = await account(engine, network);
    const pledge = BigInt(plan.pledge);
    const free = BigInt(has.collateral) - BigInt(has.pledged);
    const lock = pledge > free ? pledge - free : 0n;
    const needed = BigInt(plan.funds) + lock;
    const lacks = needed > BigInt(has.balance) ? needed - BigInt(has.balance) : 0n;
    const batch = await engine.run({
        do: 'openPurse',
        funds: plan.funds,
        pledge: plan.pledge,
        coverCount: network.operator?.coverCount ?? 10,
        circle: network.operator?.circle ?? '0x0000000000000000000000000000000000000000',
        permit: lacks > 0n ? permit(has, lacks) : null,
        lock: lock.toString(),
        nonce: nonce(),
    });
    return bring(engine, network, owner, batch);
}

export async function operate(engine: Engine, network: Network, owner: Hex, operations: OwnerOperation[]): Promise<Hex> {
    const batch = await engine.run({ do: 'operate', operations, nonce: nonce() });
    return bring(engine, network, owner, batch);
}

/** Moves tokens of the account into its balance. */
export async function deposit(engine: Engine, network: Network, owner: Hex, amount: bigint): Promise<Hex> {
    const has = await account(engine, network);
    return operate(engine, network, owner, [{ call: 'deposit', ...permit(has, amount) }]);
}

/** "Prove it": the storage proof, checked in the engine. */
export async function prove(engine: Engine, network: Network, id: Hex): Promise<Proven> {
    const { block, nodes } = await finalized(network);
    const asks = await engine.run({ do: 'proveCalls', id, block: Number(block.number) });
    const [proof] = await ask(network.rpc[0] ?? '', asks);
    return engine.run({ do: 'prove', id, block, proof, nodes });
}

/** Is there a node at all? */
export async function reachable(network: Network): Promise<boolean> {
    try {
        await one(network.rpc[0] ?? '', 'eth_chainId', []);
        return true;
    } catch {
        return false;
    }
}
