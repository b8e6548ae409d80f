import { trustedUrl } from '../trusted';
import type { Answers, Call, Failure, Name, Of, Reply } from './messages';
import address from './worker?worker&url';

/** A refusal of the wallet, with its stable code and a sentence for people. */
export class Refused extends Error {
    constructor(readonly failure: Failure) {
        super(failure.message);
    }

    get code(): string {
        return this.failure.code;
    }
}

export type Opening = 'ready' | 'elsewhere';

/** The engine in its worker. */
export class Engine {
    private readonly worker: Worker;
    private readonly waiting = new Map<number, { resolve: (ok: never) => void; reject: (error: Refused) => void }>();
    private next = 1;
    readonly opening: Promise<Opening>;

    constructor() {
        this.worker = new Worker(trustedUrl(address) as unknown as string, { type: 'module', name: 'engine' });
        this.opening = new Promise((resolve, reject) => {
            this.worker.onerror = (event) => {
                reject(new Refused({ code: 'engine', message: event.message, retryable: true }));
            };
            this.worker.onmessage = (event: MessageEvent<Reply>) => {
                const reply = event.data;
                switch (reply.kind) {
                    case 'ready':
                    case 'elsewhere':
                        resolve(reply.kind);
                        break;
                    case 'failed':
                        reject(new Refused(reply.failure));
                        break;
                    default:
                        this.settle(reply);
                }
            };
        });
    }

    private settle(reply: Extract<Reply, { id: number }>): void {
        const waiting = this.waiting.get(reply.id);
        this.waiting.delete(reply.id);
        if (reply.kind === 'answer') waiting?.resolve(reply.ok as never);
        else waiting?.reject(new Refused(reply.failure));
    }

    /** Carries out a command. What it answers is stored. */
    run<N extends Name>(command: Of<N>): Promise<Answers[N]> {
        const id = this.next++;
        return new Promise<Answers[N]>((resolve, reject) => {
            this.waiting.set(id, { resolve: resolve as (ok: never) => void, reject });
            this.worker.postMessage({ id, command: JSON.stringify(command) } satisfies Call);
        });
    }

    /** Ends the worker: its keys are gone, and its lock is free. */
    end(): void {
        this.worker.terminate();
    }
}
