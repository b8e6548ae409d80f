/** Requests to the operator's server, and its problems (RFC 9457) as errors. */
import type { Network } from '../chain/config';

const PATIENCE = 20_000;

/** The server said no, in its own words; or did not answer. */
export class Problem extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly status: number,
        readonly retryable: boolean,
        readonly data: Record<string, unknown> = {},
    ) {
        super(message);
    }

    /** Nothing came back: nobody knows whether it was done. */
    get isSilence(): boolean {
        return this.status === 0;
    }
}

export interface Request {
    method?: 'GET' | 'POST' | 'DELETE';
    body?: unknown;
    /**
     * A session's token; empty for nobody's. Without it the request goes with this site's cookie, which no script can
     * read.
     */
    token?: string;
    /** What names this request, so that sending it again does not do it again. */
    once?: string;
}

/** Where the operator's server answers; `null` if there is none. */
export function serverOf(network: Network): URL | null {
    const server = network.operator?.server ?? '';
    return server === '' ? null : new URL(server, location.href);
}

/** Whether the server is where this page is from: only then does its cookie keep a session away from scripts. */
export function isOwnServer(network: Network | null): boolean {
    return network !== null && serverOf(network)?.origin === location.origin;
}

export async function ask<T>(network: Network, path: string, request: Request = {}): Promise<T> {
    const server = serverOf(network);
    if (server === null) throw new Problem('no_server', 'This network has no operator with a server.', 0, false);
    const { method = 'GET', body, token, once } = request;
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (token !== undefined && token !== '') headers['authorization'] = `Bearer ${token}`;
    if (method === 'POST') headers['idempotency-key'] = once ?? crypto.randomUUID();
    let answer: Response;
    try {
        answer = await fetch(new URL(path, server), {
            method,
            headers,
            body: body === undefined ? null : JSON.stringify(body),
            credentials: token === undefined ? 'same-origin' : 'omit',
            cache: 'no-store',
            signal: AbortSignal.timeout(PATIENCE),
        });
    } catch {
        throw new Problem('unreachable', 'The operator cannot be reached.', 0, true);
    }
    if (answer.status === 204) return undefined as T;
    const told: unknown = await answer.json().catch(() => null);
    if (answer.ok) return told as T;
    const problem = (told ?? {}) as Partial<Problem> & { detail?: string; title?: string };
    throw new Problem(
        problem.code ?? 'http',
        problem.detail ?? problem.title ?? `The operator answered ${answer.status}.`,
        answer.status,
        problem.retryable ?? answer.status >= 500,
        problem.data ?? {},
    );
}

/** The same as `ask`; if nothing comes back, it is sent once more under the same name. */
export async function askTwice<T>(network: Network, path: string, request: Request): Promise<T> {
    const named = { ...request, once: request.once ?? crypto.randomUUID() };
    try {
        return await ask<T>(network, path, named);
    } catch (error) {
        if (error instanceof Problem && error.isSilence && navigator.onLine) return ask<T>(network, path, named);
        throw error;
    }
}
