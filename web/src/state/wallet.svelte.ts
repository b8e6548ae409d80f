import { type Network, network as readNetwork } from '../chain/config';
import { account as readAccount } from '../chain/money';
import { watch } from '../chain/shop';
import { type Synced, sync } from '../chain/sync';
import { Engine, Refused } from '../engine/client';
import type { Account, Answers, Line, Wallet } from '../engine/pkg/offpay_wasm';
import type { Name, Of } from '../engine/messages';

export type Phase = 'opening' | 'elsewhere' | 'broken' | 'none' | 'locked' | 'open';

const ACCOUNT = 'offpay.account';
/** How often to look for news while the app is in front and there is a network. */
const SYNC_EVERY = 30_000;

/** What the screens show. It is read from the engine again after everything that changes it. */
class WalletState {
    phase = $state<Phase>('opening');
    problem = $state('');
    view = $state.raw<Wallet | null>(null);
    lines = $state.raw<Line[]>([]);
    network = $state.raw<Network | null>(null);
    /** As the node told it last: for showing. */
    account = $state.raw<Account | null>(null);
    online = $state(navigator.onLine);
    syncing = $state(false);
    syncProblem = $state('');
    now = $state(Math.floor(Date.now() / 1000));
    private engine: Engine | null = null;

    get decimals(): number {
        return this.view?.deployment.token.decimals ?? this.network?.deployment.token.decimals ?? 6;
    }

    /** The time that counts: the highest ever seen. */
    get time(): number {
        return Math.max(this.now, this.view?.time ?? 0);
    }

    get symbol(): string {
        return this.view?.deployment.token.symbol ?? this.network?.deployment.token.symbol ?? '';
    }

    async start(): Promise<void> {
        this.engine = new Engine();
        this.network = await readNetwork();
        try {
            if ((await this.engine.opening) === 'elsewhere') {
                this.phase = 'elsewhere';
                return;
            }
        } catch (error) {
            this.problem = error instanceof Error ? error.message : String(error);
            this.phase = 'broken';
            return;
        }
        const kept = localStorage.getItem(ACCOUNT);
        if (kept !== null) this.account = JSON.parse(kept) as Account;
        await this.refresh();
        addEventListener('online', () => void this.wentOnline());
        addEventListener('offline', () => (this.online = false));
        document.addEventListener('visibilitychange', () => void this.cameBack());
        setInterval(() => (this.now = Math.floor(Date.now() / 1000)), 1000);
        setInterval(() => void this.sync(), SYNC_EVERY);
        void this.sync();
    }

    private async wentOnline(): Promise<void> {
        this.online = true;
        this.network = (await readNetwork()) ?? this.network;
        await this.sync();
    }

    private async cameBack(): Promise<void> {
        if (document.visibilityState !== 'visible' || this.view === null) return;
        await this.refresh();
        await this.sync();
    }

    /** Carries out a command, then shows what is now. */
    async run<N extends Name>(command: Of<N>): Promise<Answers[N]> {
        if (this.engine === null) throw new Refused({ code: 'engine', message: 'Not open.', retryable: true });
        try {
            return await this.engine.run<N>(command);
        } finally {
            await this.refresh();
        }
    }

    /** Reads without changing anything. */
    async look<N extends Name>(command: Of<N>): Promise<Answers[N]> {
        if (this.engine === null) throw new Refused({ code: 'engine', message: 'Not open.', retryable: true });
        return this.engine.run<N>(command);
    }

    get raw(): Engine {
        if (this.engine === null) throw new Refused({ code: 'engine', message: 'Not open.', retryable: true });
        return this.engine;
    }

    async refresh(): Promise<void> {
        if (this.engine === null) return;
        const view = await this.engine.run<'view'>({ do: 'view' });
        if (!view.exists) {
            this.phase = 'none';
            return;
        }
        this.view = view;
        this.lines = await this.engine.run<'history'>({ do: 'history', text: null, limit: 200 });
        this.phase = view.unlocked ? 'open' : 'locked';
    }

    /** Deletes everything that this device has. The caller has seen to it that nothing is lost with it. */
    async erase(): Promise<void> {
        const networkKept = localStorage.getItem('offpay.network');
        const preferencesKept = localStorage.getItem('offpay.preferences');
        this.engine?.end();
        this.engine = null;
        await new Promise<void>((resolve, reject) => {
            const request = indexedDB.deleteDatabase('offpay');
            request.onsuccess = () => resolve();
            request.onerror = () => reject(request.error ?? new Error('storage failed'));
        });
        localStorage.clear();
        if (networkKept !== null) localStorage.setItem('offpay.network', networkKept);
        if (preferencesKept !== null) localStorage.setItem('offpay.preferences', preferencesKept);
        location.hash = '';
        location.reload();
    }

    /** In step with the chain, if it can be reached. Never in the way of anything. */
    async sync(): Promise<Synced | null> {
        if (this.engine === null || this.network === null || this.view === null) return null;
        if (this.syncing || !navigator.onLine || document.visibilityState === 'hidden') return null;
        this.syncing = true;
        try {
            const done = await sync(this.engine, this.network, this.view.account, this.view.unlocked);
            this.account = await readAccount(this.engine, this.network);
            localStorage.setItem(ACCOUNT, JSON.stringify(this.account));
            this.online = true;
            this.syncProblem = done.problems[0] ?? '';
            await watch(this.engine, this.network, this.view.channels);
            return done;
        } catch (error) {
            this.syncProblem = error instanceof Error ? error.message : String(error);
            return null;
        } finally {
            this.syncing = false;
            await this.refresh();
        }
    }
}

export const wallet = new WalletState();
