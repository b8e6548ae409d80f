/** The account's money on-chain, and what its owner does with it: always one signed batch. */
import type { Engine } from '../engine/client';
import type { Account, Amount, Hex, OwnerOperation, Permit, Proven } from '../engine/pkg/offpay_wasm';
import { bring, nonce } from './bring';
import type { Network } from './config';
import { ask, one } from './rpc';
import { finalized } from './sync';

export async function account(engine: Engine, network: Network): Promise<Account> {
    const asks = await engine.run({ do: 'accountCalls', token: network.token });
    const results = await ask(network.rpc[0] ?? '', asks);
    return engine.run({ do: 'accountRead', results });
}

export function permit(has: Account, amount: bigint): Permit {
    if (has.permitNonce === null || has.separator === null) throw new Error('The token knows no permits.');
    return { amount: amount.toString(), nonce: has.permitNonce, separator: has.separator };
}

export interface PursePlan {
    funds: Amount;
    pledge: Amount;
}

/** There is less than is to be moved, tokens at the account's address included. */
export class NotEnough extends Error {
    constructor(readonly missing: bigint) {
        super('not enough money');
    }
}

/** Tokens of the account that a batch deposits first, because the balance does not reach. */
export function missing(has: Account, needed: bigint): Permit | null {
    const lacks = needed - BigInt(has.balance);
    if (lacks > BigInt(has.tokens)) throw new NotEnough(lacks - BigInt(has.tokens));
    return lacks > 0n ? permit(has, lacks) : null;
}

/** Opens a purse: deposits what the balance lacks, posts what the collateral lacks, and opens, all or nothing. */
export async function openPurse(engine: Engine, network: Network, owner: Hex, plan: PursePlan): Promise<void> {
    const has = await account(engine, network);
    const pledge = BigInt(plan.pledge);
    const free = BigInt(has.collateral) - BigInt(has.pledged);
    const lock = pledge > free ? pledge - free : 0n;
    await bring(engine, network, owner, (fee) =>
        engine.run({
            do: 'openPurse',
            funds: plan.funds,
            pledge: plan.pledge,
            coverCount: network.operator?.coverCount ?? 10,
            circle: network.operator?.circle ?? '0x0000000000000000000000000000000000000000',
            permit: missing(has, BigInt(plan.funds) + lock + BigInt(fee?.amount ?? 0)),
            lock: lock.toString(),
            fee,
            nonce: nonce(),
        }),
    );
}

/** Carries out operations of the owner, in one batch. `takes`: how much of the balance they need. */
export async function operate(engine: Engine, network: Network, owner: Hex, operations: OwnerOperation[], takes = 0n): Promise<void> {
    const has = await account(engine, network);
    await bring(engine, network, owner, (fee) => {
        const first = takes > 0n || fee !== null ? missing(has, takes + BigInt(fee?.amount ?? 0)) : null;
        const all: OwnerOperation[] = [];
        if (first !== null) all.push({ call: 'deposit', ...first });
        if (fee !== null) all.push({ call: 'transfer', ...fee });
        return engine.run({ do: 'operate', operations: [...all, ...operations], nonce: nonce() });
    });
}

/** Moves tokens of the account into its balance. */
export async function deposit(engine: Engine, network: Network, owner: Hex, amount: bigint): Promise<void> {
    const has = await account(engine, network);
    await bring(engine, network, owner, (fee) => {
        const operations: OwnerOperation[] = [{ call: 'deposit', ...permit(has, amount) }];
        if (fee !== null) operations.push({ call: 'transfer', ...fee });
        return engine.run({ do: 'operate', operations, nonce: nonce() });
    });
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
