/** A lost phone: what the chain and the operator know of purses whose keys are gone. */
import type { Engine } from '../engine/client';
import type { Hex, RecoveryStep } from '../engine/pkg/offpay_wasm';
import { knownPurses } from '../operator/own';
import type { Network } from './config';
import { ask } from './rpc';
import { finalized } from './sync';

/** Looks at every purse that this account has on-chain. What a node or an operator names is checked in the engine. */
export async function look(engine: Engine, network: Network, account: Hex): Promise<RecoveryStep[]> {
    const { block, nodes } = await finalized(network);
    await engine.run({ do: 'syncBlock', block, nodes });
    const url = network.rpc[0] ?? '';
    // Nodes may refuse to search far back, and an operator may be silent: one of the two is enough.
    const [logs, named] = await Promise.allSettled([
        engine.run({ do: 'recoveryLogs' }).then((asks) => ask(url, asks)),
        knownPurses(engine, network, account),
    ]);
    if (logs.status === 'rejected' && named.status === 'rejected') throw logs.reason;
    const found = logs.status === 'fulfilled' ? (logs.value[0] as unknown[]) : [];
    const { purses, ask: asks } = await engine.run({ do: 'recoveryCalls', logs: found, purses: named.status === 'fulfilled' ? named.value : [] });
    return engine.run({ do: 'recovery', purses, results: await ask(url, asks) });
}
