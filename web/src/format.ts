/** Amounts and times, as people of a place write them. */

function split(units: string, decimals: number): { whole: string; fraction: string } {
    const padded = units.padStart(decimals + 1, '0');
    const whole = decimals === 0 ? padded : padded.slice(0, -decimals);
    const fraction = decimals === 0 ? '' : padded.slice(-decimals).replace(/0+$/, '');
    return { whole, fraction };
}

/** `12.5` as this place writes it; at least two digits after the point if there are any. */
export function amount(units: string, decimals: number, locale: string): string {
    const { whole, fraction } = split(units, decimals);
    const digits = fraction === '' ? 0 : Math.max(2, fraction.length);
    const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    // A decimal text keeps every digit; TypeScript's library does not know it yet.
    return format.format(`${whole}.${fraction || '0'}` as unknown as number);
}

/** What an amount is worth in another currency, as this place writes it. For showing: nothing is decided by it. */
export function worth(units: string, decimals: number, perToken: string, code: string, locale: string): string {
    const value = (Number(units) / 10 ** decimals) * Number(perToken);
    return new Intl.NumberFormat(locale, { style: 'currency', currency: code }).format(value);
}

/** What was typed on a keypad, `12.50`, in base units; `null` if it is no amount. */
export function parse(typed: string, decimals: number): string | null {
    const match = /^(\d{0,20})(?:\.(\d*))?$/.exec(typed);
    if (match === null || (match[1] === '' && (match[2] ?? '') === '')) return null;
    const fraction = match[2] ?? '';
    if (fraction.length > decimals) return null;
    const units = BigInt((match[1] || '0') + fraction.padEnd(decimals, '0'));
    return units < 1n << 96n ? units.toString() : null;
}

/** For an input field: `12.5`. */
export function plain(units: string, decimals: number): string {
    const { whole, fraction } = split(units, decimals);
    return fraction === '' ? whole : `${whole}.${fraction}`;
}

export function date(seconds: number, locale: string): string {
    return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000);
}

export function day(seconds: number, locale: string): string {
    return new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' }).format(seconds * 1000);
}

export function clock(seconds: number, locale: string): string {
    return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(seconds * 1000);
}

/** "in 5 days", "2 hours ago". */
export function distance(seconds: number, now: number, locale: string): string {
    const apart = seconds - now;
    const size = Math.abs(apart);
    const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    if (size < 3600) return format.format(Math.round(apart / 60), 'minute');
    if (size < 2 * 86400) return format.format(Math.round(apart / 3600), 'hour');
    return format.format(Math.round(apart / 86400), 'day');
}

export function short(hex: string): string {
    return `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** Eight characters that two people can compare by voice. */
export function spoken(id: string): string {
    const digits = id.slice(2, 10).toUpperCase();
    return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}
