import type { Answers, Command, Failure } from './pkg/offpay_wasm';

export type Name = Command['do'];
export type Of<N extends Name> = Extract<Command, { do: N }>;

export interface Call {
    id: number;
    /** A command as JSON: what the screens hold in proxies travels as well. */
    command: string;
}

export type Reply =
    | { kind: 'ready' }
    | { kind: 'elsewhere' }
    | { kind: 'failed'; failure: Failure }
    | { kind: 'answer'; id: number; ok: Answers[Name] }
    | { kind: 'refused'; id: number; failure: Failure };

export type { Answers, Command, Failure };
