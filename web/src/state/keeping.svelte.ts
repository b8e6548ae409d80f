/** Whether this browser keeps the wallet's data, and whether the app is installed. Both are asked for before there is money. */
interface InstallPrompt extends Event {
    prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

const DECIDED = 'offpay.keeping';
type Decided = 'kept' | 'nevertheless';

function isInstalled(): boolean {
    const apple = (navigator as { standalone?: boolean }).standalone === true;
    return apple || matchMedia('(display-mode: standalone)').matches;
}

class Keeping {
    /** `null` until the browser has said. */
    persisted = $state<boolean | null>(null);
    refused = $state(false);
    installed = $state(isInstalled());
    /** There is one where the browser offers to install. */
    offer = $state.raw<InstallPrompt | null>(null);
    private decided = $state(localStorage.getItem(DECIDED) as Decided | null);

    constructor() {
        addEventListener('beforeinstallprompt', (event) => {
            event.preventDefault();
            this.offer = event as InstallPrompt;
        });
        addEventListener('appinstalled', () => {
            this.installed = true;
            this.offer = null;
        });
    }

    async start(): Promise<void> {
        this.persisted = (await navigator.storage?.persisted?.()) ?? false;
    }

    /** Not asked yet; or the browser has taken back what it had granted. */
    get mustAsk(): boolean {
        if (this.persisted === null || this.decided === 'nevertheless') return false;
        return !(this.decided === 'kept' && this.persisted);
    }

    async install(): Promise<void> {
        const { offer } = this;
        // It can be used once.
        this.offer = null;
        if (offer !== null && (await offer.prompt()).outcome === 'accepted') this.installed = true;
    }

    async persist(): Promise<void> {
        this.persisted = (await navigator.storage?.persist?.()) ?? false;
        this.refused = !this.persisted;
        if (this.persisted) this.decide('kept');
    }

    /** The owner was told what may happen. */
    goOn(): void {
        this.decide('nevertheless');
    }

    private decide(decided: Decided): void {
        localStorage.setItem(DECIDED, decided);
        this.decided = decided;
    }
}

export const keeping = new Keeping();
