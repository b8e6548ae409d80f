/** Circles that this phone's owner applied to, and what was answered: the contract shows members, not who asked. */
interface Application {
    at: number;
    state: 'open' | 'admitted' | 'declined';
}

const KEPT = 'offpay.applications';

function load(): Record<string, Application> {
    try {
        return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, Application>;
    } catch {
        return {};
    }
}

class Applications {
    private all = $state<Record<string, Application>>(load());

    of(circle: string): Application | null {
        return this.all[circle.toLowerCase()] ?? null;
    }

    made(circle: string, state: Application['state']): void {
        this.all[circle.toLowerCase()] = { at: Math.floor(Date.now() / 1000), state };
        localStorage.setItem(KEPT, JSON.stringify(this.all));
    }
}

export const applications = new Applications();
