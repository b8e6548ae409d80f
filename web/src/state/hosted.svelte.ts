/**
 * A hosted account on this device. The session is a cookie that no script can read; what is kept here is what was shown
 * last, in IndexedDB, so that it can be looked at offline.
 */
import type { Network } from '../chain/config';
import { Problem } from '../operator/http';
import * as api from '../operator/hosted';
import { wallet } from './wallet.svelte';

const DATABASE = 'offpay-hosted';
const STORE = 'shown';
const KEY = 'account';
/** What completes a recovery, for the days that it takes: it opens nothing before, and its owner can stop it. */
const RECOVERY = 'recovery';

interface Shown {
    me: api.Me;
    account: api.HostedAccount;
    history: api.HostedPayment[];
    at: number;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('storage failed'));
    });
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return (await done(request)).transaction(STORE, mode).objectStore(STORE);
}

class Hosted {
    shown = $state.raw<Shown | null>(null);
    /** Whether the server still knows the session, as far as it was asked. */
    signedIn = $state(false);
    isKnown = $derived(this.shown !== null);
    isOffline = $state(false);
    recovering = $state.raw<api.RecoveryBegan | null>(null);

    async start(): Promise<void> {
        const kept = (await done((await store('readonly')).get(KEY))) as Shown | undefined;
        this.shown = kept ?? null;
        this.signedIn = kept !== undefined;
        this.recovering = ((await done((await store('readonly')).get(RECOVERY))) as api.RecoveryBegan | undefined) ?? null;
    }

    /** Keeps what a recovery needs in the end, or forgets it. */
    async recover(begun: api.RecoveryBegan | null): Promise<void> {
        const kept = await store('readwrite');
        await (begun === null ? done(kept.delete(RECOVERY)) : done(kept.put(begun, RECOVERY)));
        this.recovering = begun;
    }

    get network(): Network {
        if (wallet.network === null) throw new Problem('no_server', 'This app knows no operator yet.', 0, true);
        return wallet.network;
    }

    /** Reads everything again. A session that is over is signed out of. */
    async refresh(): Promise<void> {
        try {
            const me = await api.me(this.network);
            const [account, history] = await Promise.all([api.account(this.network), api.history(this.network)]);
            const shown: Shown = { me, account, history, at: Math.floor(Date.now() / 1000) };
            await done((await store('readwrite')).put(shown, KEY));
            this.shown = shown;
            this.signedIn = true;
            this.isOffline = false;
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            if (error.status === 401) await this.forget();
            else if (error.isSilence) this.isOffline = true;
            else throw error;
        }
    }

    /** Money that is on its way, or that this phone's wallet alone knows of: signing out would hide it. */
    get holds(): boolean {
        const account = this.shown?.account;
        const onItsWay = account !== undefined && (account.balance.held !== '0' || account.pending.outgoing !== '0' || account.pending.incoming !== '0');
        const mine = wallet.view !== null && wallet.view.account.toLowerCase() === account?.account.toLowerCase();
        const unsettled = mine && wallet.lines.some((line) => line.standing?.is !== 'final');
        const purse = mine && (wallet.view?.purses.some((one) => one.standing === 'open' && one.left !== '0') ?? false);
        return onItsWay || unsettled || purse;
    }

    async signOut(): Promise<void> {
        if (this.holds) throw new Problem('held', 'Something is held.', 409, true);
        await api.signOut(this.network);
        await this.forget();
    }

    private async forget(): Promise<void> {
        await done((await store('readwrite')).clear());
        this.shown = null;
        this.signedIn = false;
    }
}

export const hosted = new Hosted();
