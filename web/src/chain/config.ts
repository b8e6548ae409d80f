import type { Deployment, Hex } from '../engine/pkg/offpay_wasm';

/** What the place that serves the app says of its network: `/offpay.json`. Kept, so that it is there offline. */
export interface Network {
    deployment: Deployment;
    token: Hex;
    /** One node, or two that have to agree. The first is the server's own, `/v1/rpc`. */
    rpc: string[];
    operator: {
        /** Its card, as on its QR code. */
        card: string;
        /** Where its server answers; empty if there is none. */
        server: string;
        /** The circle whose members its purses are for, and into how many covers a pledge is divided. */
        circle: Hex;
        circleName: string;
        coverCount: number;
    } | null;
    faucet: boolean;
    /** What amounts are shown in besides the token, and what one token is worth in it. */
    currency?: { code: string; perToken: string };
}

const KEPT = 'offpay.network';

export async function network(): Promise<Network | null> {
    try {
        const answer = await fetch('/offpay.json', { cache: 'no-store' });
        if (answer.ok) {
            const told = (await answer.json()) as Network;
            localStorage.setItem(KEPT, JSON.stringify(told));
            return told;
        }
    } catch {
        // Offline: what was kept counts.
    }
    const kept = localStorage.getItem(KEPT);
    return kept === null ? null : (JSON.parse(kept) as Network);
}
