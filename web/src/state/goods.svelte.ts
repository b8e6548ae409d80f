/** What is sold here, and which tills and reports this shop has: kept on this phone. Sums are the engine's matter. */
import type { Amount } from '../engine/pkg/offpay_wasm';

export interface Good {
    name: string;
    price: Amount;
}

interface Kept {
    goods: Good[];
    /** Numbers of the owner's tills. */
    tills: number[];
    /** Reports of tills, as they were scanned. */
    reports: string[];
}

const KEPT = 'offpay.shop';

function load(): Kept {
    const fresh: Kept = { goods: [], tills: [], reports: [] };
    try {
        return { ...fresh, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Kept>) };
    } catch {
        return fresh;
    }
}

class Shop {
    goods = $state<Good[]>([]);
    tills = $state<number[]>([]);
    reports = $state<string[]>([]);

    constructor() {
        Object.assign(this, load());
    }

    keep(): void {
        const { goods, tills, reports } = this;
        localStorage.setItem(KEPT, JSON.stringify({ goods, tills, reports }));
    }
}

export const shop = new Shop();
