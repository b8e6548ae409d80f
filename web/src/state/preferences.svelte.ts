/** How the app looks and speaks on this device. Nothing in here is worth protecting. */
export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'de' | 'ar';

interface Kept {
    theme: Theme;
    language: Language;
    largeText: boolean;
    sound: boolean;
}

const KEPT = 'offpay.preferences';

function spokenHere(): Language {
    const first = navigator.language.slice(0, 2);
    return first === 'de' || first === 'ar' ? first : 'en';
}

function load(): Kept {
    const fresh: Kept = { theme: 'system', language: spokenHere(), largeText: false, sound: true };
    try {
        return { ...fresh, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Kept>) };
    } catch {
        return fresh;
    }
}

class Preferences {
    theme = $state<Theme>('system');
    language = $state<Language>('en');
    largeText = $state(false);
    sound = $state(true);

    constructor() {
        Object.assign(this, load());
    }

    get isRightToLeft(): boolean {
        return this.language === 'ar';
    }

    keep(): void {
        const { theme, language, largeText, sound } = this;
        localStorage.setItem(KEPT, JSON.stringify({ theme, language, largeText, sound }));
        this.show();
    }

    show(): void {
        const root = document.documentElement;
        root.lang = this.language;
        root.dir = this.isRightToLeft ? 'rtl' : 'ltr';
        root.dataset['theme'] = this.theme;
        root.classList.toggle('large', this.largeText);
    }
}

export const preferences = new Preferences();
