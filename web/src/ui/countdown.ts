import { locale } from '../i18n';

/** "1 day 3 hr", "12 min": what is left, in at most two units. */
export function left(seconds: number): string {
    const parts: [number, 'day' | 'hour' | 'minute'][] = [
        [Math.floor(seconds / 86400), 'day'],
        [Math.floor((seconds % 86400) / 3600), 'hour'],
        [Math.floor((seconds % 3600) / 60), 'minute'],
    ];
    const first = parts.findIndex(([count]) => count > 0);
    const shown = first < 0 ? parts.slice(2) : parts.slice(first, first + 2).filter(([count]) => count > 0);
    return shown.map(([count, unit]) => new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count)).join(' ');
}
