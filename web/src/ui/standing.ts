import type { Line } from '../engine/pkg/offpay_wasm';
import { t } from '../i18n';

/** Where a payment stands, in a word or two. */
export function standing(line: Line): string {
    if (line.progress !== null) return t(`progress_${line.progress}`);
    switch (line.standing?.is) {
        case undefined:
            return t('standing_channel');
        case 'held':
            return line.direction === 'sent' ? t('standing_sent_held') : t('standing_received_held');
        case 'handedIn':
            return t('standing_handedIn');
        case 'inDefault':
            return t('standing_inDefault');
        case 'final':
            return t('standing_final');
    }
}
