import * as format from '../format';
import { type Language, preferences } from '../state/preferences.svelte';
import { wallet } from '../state/wallet.svelte';
import { ar } from './ar';
import { de } from './de';
import { type Key, en } from './en';

export type { Key };

const LANGUAGES: Record<Language, Record<Key, string>> = { en, de, ar };
export const NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch', ar: 'العربية' };

/** The sentence in the language of this device, with what belongs into it. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
    return LANGUAGES[preferences.language][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
        const value = values[name];
        return value === undefined ? whole : String(value);
    });
}

/** Numbers stay in digits that both sides of a counter can read. */
export function locale(): string {
    return preferences.language === 'ar' ? 'ar-u-nu-latn' : preferences.language;
}

/** `12.50` */
export function amount(units: string): string {
    return format.amount(units, wallet.decimals, locale());
}

/** `12.50 OFFPAY`, held together and in one direction whatever is around it. */
export function money(units: string): string {
    return `\u2068${amount(units)}\u00a0${wallet.symbol}\u2069`;
}

/** About what it is worth in the currency that the operator names; empty if it names none. */
export function local(units: string | null): string {
    const currency = wallet.network?.currency;
    if (currency === undefined || units === null || units === '0') return '';
    return `\u2248\u00a0${format.worth(units, wallet.decimals, currency.perToken, currency.code, locale())}`;
}

export function date(seconds: number): string {
    return format.date(seconds, locale());
}

export function day(seconds: number): string {
    return format.day(seconds, locale());
}

/** The time of today, or the day as well. */
export function until(seconds: number): string {
    const near = seconds - wallet.time < 20 * 3600;
    return near ? format.clock(seconds, locale()) : format.date(seconds, locale());
}

export function distance(seconds: number): string {
    return format.distance(seconds, wallet.time, locale());
}
