import { NotEnough } from '../chain/money';
import { money, t } from '../i18n';

/** What went wrong, for people. */
export function words(error: unknown): string {
    if (error instanceof NotEnough) return t('notEnough', { amount: money(error.missing.toString()) });
    return error instanceof Error ? error.message : String(error);
}

/** One thing that a screen does at a time: whether it runs, what came of it, what went wrong. */
export class Task {
    busy = $state(false);
    said = $state('');
    problem = $state('');

    async run(work: () => Promise<string | void>): Promise<boolean> {
        if (this.busy) return false;
        this.busy = true;
        this.said = this.problem = '';
        try {
            this.said = (await work()) ?? '';
            return true;
        } catch (error) {
            this.problem = words(error);
            return false;
        } finally {
            this.busy = false;
        }
    }
}
