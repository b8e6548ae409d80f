/** The one Trusted Types policy of the app: scripts of its own origin, and nothing else. */
interface Policy {
    createScriptURL(url: string): unknown;
}

interface Factory {
    createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;

function ownOrigin(url: string): string {
    const parsed = new URL(url, location.href);
    if (parsed.origin !== location.origin) throw new TypeError('a script of another origin');
    return parsed.href;
}

const policy = factory?.createPolicy('offpay', { createScriptURL: ownOrigin });

export function trustedUrl(url: string): unknown {
    return policy === undefined ? ownOrigin(url) : policy.createScriptURL(url);
}
