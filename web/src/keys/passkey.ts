/**
 * Passkeys that open the wallet (WebAuthn with the PRF extension): an authenticator gives 32 bytes for a salt, after it
 * verified its user. They go to the engine and nowhere else.
 */
import type { Engine } from '../engine/client';
import type { Hex } from '../engine/pkg/offpay_wasm';

interface Prf {
    prf?: { enabled?: boolean; results?: { first?: BufferSource } };
}

function hex(bytes: Uint8Array): Hex {
    return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function bytes(text: Hex): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function output(credential: PublicKeyCredential): string | null {
    const first = (credential.getClientExtensionResults() as Prf).prf?.results?.first;
    if (first === undefined) return null;
    const raw = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer as ArrayBuffer, first.byteOffset, first.byteLength);
    const secret = raw.byteLength === 32 ? hex(raw) : null;
    raw.fill(0);
    return secret;
}

/** Whether this device can have passkeys at all; whether they have PRF shows when one is made. */
export function isPossible(): boolean {
    return isSecureContext && typeof PublicKeyCredential !== 'undefined';
}

/** Asks authenticators for the secret of one of these passkeys; `null` if nobody answers with one. */
async function secretOf(known: { credential: Hex; salt: Hex }[]): Promise<{ credential: Hex; secret: string } | null> {
    const evalByCredential: Record<string, { first: BufferSource }> = {};
    for (const { credential, salt } of known) evalByCredential[base64(bytes(credential))] = { first: bytes(salt) };
    const got = (await navigator.credentials.get({
        publicKey: {
            // Nothing is proven to anybody: the secret is what counts.
            challenge: crypto.getRandomValues(new Uint8Array(32)),
            allowCredentials: known.map(({ credential }) => ({ type: 'public-key', id: bytes(credential) })),
            userVerification: 'required',
            extensions: { prf: { evalByCredential } } as AuthenticationExtensionsClientInputs,
        },
    })) as PublicKeyCredential | null;
    if (got === null) return null;
    const secret = output(got);
    return secret === null ? null : { credential: hex(new Uint8Array(got.rawId)), secret };
}

function base64(of: Uint8Array): string {
    return btoa(String.fromCharCode(...of)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Makes a passkey and lets it open the wallet. `false` if this device's passkeys have no secret to give. */
export async function add(engine: Engine, pin: string, name: string): Promise<boolean> {
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const made = (await navigator.credentials.create({
        publicKey: {
            challenge: crypto.getRandomValues(new Uint8Array(32)),
            rp: { name: 'OffPay' },
            // Of no account: the passkey stands for this wallet on this device.
            user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
            pubKeyCredParams: [
                { type: 'public-key', alg: -7 },
                { type: 'public-key', alg: -257 },
            ],
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
        },
    })) as PublicKeyCredential | null;
    if (made === null) return false;
    if ((made.getClientExtensionResults() as Prf).prf?.enabled !== true) return false;
    const credential = hex(new Uint8Array(made.rawId));
    // Some authenticators give the secret when the passkey is made, others only when it is used.
    const secret = output(made) ?? (await secretOf([{ credential, salt: hex(salt) }]))?.secret;
    if (secret === undefined || secret === null) return false;
    await engine.run({ do: 'addPasskey', pin, credential, salt: hex(salt), secret });
    return true;
}

/** Opens the wallet. `false` if no passkey was used. */
export async function unlock(engine: Engine, known: { credential: Hex; salt: Hex }[]): Promise<boolean> {
    const found = await secretOf(known);
    if (found === null) return false;
    await engine.run({ do: 'unlockWithPasskey', ...found });
    return true;
}
