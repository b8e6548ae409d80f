import type { Ask } from '../engine/pkg/offpay_wasm';

/** The network did not answer, or said no. */
export class NodeError extends Error {
    constructor(
        message: string,
        readonly answered: boolean,
    ) {
        super(message);
    }
}

interface Told {
    id: number;
    result?: unknown;
    error?: { message: string };
}

const PATIENCE = 15_000;

/** Asks a node several questions at once; the answers are in the order of the questions. */
export async function ask(url: string, asks: readonly Ask[]): Promise<unknown[]> {
    if (asks.length === 0) return [];
    const body = asks.map((one, id) => ({ jsonrpc: '2.0', id, ...one }));
    let answer: Response;
    try {
        answer = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
            credentials: 'omit',
            signal: AbortSignal.timeout(PATIENCE),
        });
    } catch {
        throw new NodeError('The network cannot be reached.', false);
    }
    if (!answer.ok) throw new NodeError(`The node answered ${answer.status}.`, false);
    const told = (await answer.json()) as Told[];
    return asks.map((one, id) => {
        const mine = told.find((each) => each.id === id);
        if (mine === undefined) throw new NodeError('The node left out an answer.', false);
        if (mine.error !== undefined) throw new NodeError(`${one.method}: ${mine.error.message}`, true);
        return mine.result;
    });
}

export async function one<T>(url: string, method: string, params: unknown[]): Promise<T> {
    const [result] = await ask(url, [{ method, params }]);
    return result as T;
}
