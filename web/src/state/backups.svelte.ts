import type { Line } from '../engine/pkg/offpay_wasm';

const KEPT = 'offpay.backup';

interface Kept {
    at: number;
    /** The newest line of the history that the backup has. */
    number: number;
}

function read(): Kept | null {
    try {
        return JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Kept | null;
    } catch {
        return null;
    }
}

/** When a backup was last saved here, and what came in since. No secret: only a date and a number. */
class Backups {
    private kept = $state<Kept | null>(read());

    get at(): number | null {
        return this.kept?.at ?? null;
    }

    /** Payments that are not final came in since: they would be lost with the phone. */
    isDue(lines: readonly Line[]): boolean {
        const since = this.kept?.number ?? -1;
        return lines.some((line) => line.direction === 'received' && line.standing?.is !== 'final' && line.number > since);
    }

    saved(lines: readonly Line[]): void {
        this.kept = { at: Math.floor(Date.now() / 1000), number: Math.max(0, ...lines.map((line) => line.number)) };
        localStorage.setItem(KEPT, JSON.stringify(this.kept));
    }
}

export const backups = new Backups();
