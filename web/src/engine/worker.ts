/// <reference lib="webworker" />
/**
 * The engine, alone with its keys. One tab has it: who holds the lock. One command at a time: decide, write, wait until
 * it is durable, and only then answer.
 */
import init, { OffPayEngine } from './pkg/offpay_wasm';
import wasm from './pkg/offpay_wasm_bg.wasm?url';
import { Journal } from './journal';
import type { Answers, Call, Failure, Name, Reply } from './messages';

const LOCK = 'offpay-wallet';
const scope = self as unknown as DedicatedWorkerGlobalScope;

let opened: { engine: OffPayEngine; journal: Journal } | undefined;
let queue: Promise<unknown> = Promise.resolve();

function post(reply: Reply): void {
    scope.postMessage(reply);
}

function failure(thrown: unknown): Failure {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    try {
        const told = JSON.parse(message) as Failure;
        if (typeof told.code === 'string') return told;
    } catch {
        // Not the engine's own words.
    }
    return { code: 'storage_failed', message, retryable: true };
}

/** How long the engine took to decide; the last time of each command, for whoever measures. */
function measure(command: string, start: number): void {
    const name = /^\{"do":"(\w+)"/.exec(command)?.[1] ?? 'command';
    performance.clearMeasures(name);
    performance.measure(name, { start });
}

async function open(): Promise<{ engine: OffPayEngine; journal: Journal }> {
    const { journal, entries } = await Journal.open();
    return { engine: new OffPayEngine(entries), journal };
}

async function run(call: Call): Promise<void> {
    try {
        opened ??= await open();
        const { engine, journal } = opened;
        const entropy = crypto.getRandomValues(new Uint8Array(32));
        const start = performance.now();
        const entries = engine.begin(call.command, Math.floor(Date.now() / 1000), entropy);
        measure(call.command, start);
        entropy.fill(0);
        if (entries.length > 0) {
            try {
                await journal.append(entries);
            } catch (error) {
                // Nobody knows whether it was written: begin again from what is there.
                engine.fail();
                engine.free();
                journal.close();
                opened = undefined;
                throw error;
            }
        }
        const said = JSON.parse(engine.finish()) as { ok: Answers[Name] } | { refused: Failure };
        if ('refused' in said) post({ kind: 'refused', id: call.id, failure: said.refused });
        else post({ kind: 'answer', id: call.id, ok: said.ok });
    } catch (error) {
        post({ kind: 'refused', id: call.id, failure: failure(error) });
    }
}

scope.onmessage = (event: MessageEvent<Call>) => {
    queue = queue.then(() => run(event.data));
};

void navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) {
        post({ kind: 'elsewhere' });
        return;
    }
    try {
        await init({ module_or_path: wasm });
        opened = await open();
        post({ kind: 'ready' });
    } catch (error) {
        post({ kind: 'failed', failure: failure(error) });
    }
    // Held as long as this worker lives.
    await new Promise(() => undefined);
});
