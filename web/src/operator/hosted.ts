/** A hosted account: what its user asks of the operator's server. The session is a cookie that no script can read. */
import type { Amount, Hex } from '../engine/pkg/offpay_wasm';
import type { Network } from '../chain/config';
import { ask, askTwice } from './http';
import { type Operation, mined } from './operations';

export interface Recovery {
    began_at: number;
    ready_at: number;
}

export interface Me {
    user: string;
    handle?: string;
    account: Hex;
    custody: 'hosted' | 'own';
    second_factor: boolean;
    frozen: boolean;
    recovery_codes_left: number;
    recovery?: Recovery;
}

export interface HostedPurse {
    purse: Hex;
    keeper: 'server' | 'phone' | 'own';
    state: 'opening' | 'open' | 'closing' | 'closed';
    funds: Amount;
    paid: Amount;
    available?: Amount;
    /** It signs nothing any more: to be closed, and another opened. */
    retired?: boolean;
    pledge: Amount;
    closes_at: number | null;
}

export interface HostedAccount {
    account: Hex;
    token: { address: Hex; symbol: string; decimals: number };
    balance: { available: Amount; held: Amount; final: Amount };
    collateral: { total: Amount; pledged: Amount; available: Amount };
    purses: HostedPurse[];
    pending: { incoming: Amount; outgoing: Amount };
}

export interface HostedPayment {
    id: Hex;
    direction: 'in' | 'out';
    state: 'signed' | 'cleared' | 'refused' | 'settled' | 'final';
    refusal?: string;
    purse: Hex;
    payee: Hex;
    amount: Amount;
    memo: string;
    refund_of?: Hex;
    created_at: number;
}

export interface HostedRequest {
    id: string;
    code: string;
    amount?: Amount;
    memo: string;
    state: 'open' | 'paid' | 'expired';
    expires_at?: number;
}

export interface Address {
    address: Hex;
    label: string;
    usable_at: number;
    confirmed_at?: number;
}

export interface SignedIn {
    account: Hex;
    recovery?: Recovery;
}

interface Page<T> {
    items: T[];
}

/** Signing in and up. What the answers say of tokens is not kept: the cookie has it. */
export async function register(network: Network, handle: string, password: string): Promise<string[]> {
    const told = await askTwice<{ recovery_codes: string[] }>(network, '/v1/users', { method: 'POST', body: { handle, password } });
    return told.recovery_codes;
}

export async function signIn(network: Network, handle: string, password: string, code: string): Promise<SignedIn> {
    const body = { handle, password, ...(code === '' ? {} : { code }) };
    const { account, recovery } = await ask<SignedIn>(network, '/v1/sessions', { method: 'POST', body });
    return recovery === undefined ? { account } : { account, recovery };
}

interface Options {
    options: { publicKey?: PublicKeyCredentialRequestOptionsJSON } & PublicKeyCredentialRequestOptionsJSON;
}

interface NewOptions {
    options: { publicKey?: PublicKeyCredentialCreationOptionsJSON } & PublicKeyCredentialCreationOptionsJSON;
}

export async function signInWithPasskey(network: Network): Promise<void> {
    const { options } = await ask<Options>(network, '/v1/sessions/passkey/options', { method: 'POST' });
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey ?? options);
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
    if (credential === null) return;
    await ask(network, '/v1/sessions/passkey', { method: 'POST', body: { credential: credential.toJSON() } });
}

export async function addPasskey(network: Network, name: string): Promise<void> {
    const { options } = await ask<NewOptions>(network, '/v1/passkeys/options', { method: 'POST' });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey ?? options);
    const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
    if (credential === null) return;
    await ask(network, '/v1/passkeys', { method: 'POST', body: { name, credential: credential.toJSON() } });
}

/** Ends the session that asks. */
export async function signOut(network: Network): Promise<void> {
    const { sessions } = await ask<{ sessions: { id: string; current: boolean }[] }>(network, '/v1/sessions');
    const current = sessions.find((session) => session.current);
    if (current !== undefined) await ask(network, `/v1/sessions/${current.id}`, { method: 'DELETE' });
}

export const me = (network: Network): Promise<Me> => ask<Me>(network, '/v1/me');
export const account = (network: Network): Promise<HostedAccount> => ask<HostedAccount>(network, '/v1/account');
export const passkeys = async (network: Network): Promise<{ id: string; name: string }[]> =>
    (await ask<{ passkeys: { id: string; name: string }[] }>(network, '/v1/passkeys')).passkeys;
export const cancelRecovery = (network: Network): Promise<void> => ask(network, '/v1/me/recovery', { method: 'DELETE' });
export const beginSecondFactor = (network: Network): Promise<{ secret: string; link: string }> =>
    ask(network, '/v1/me/second-factor', { method: 'POST' });
export const confirmSecondFactor = (network: Network, code: string): Promise<void> =>
    ask(network, '/v1/me/second-factor/confirmation', { method: 'POST', body: { code } });

export async function history(network: Network): Promise<HostedPayment[]> {
    return (await ask<Page<HostedPayment>>(network, '/v1/history?limit=50')).items;
}

/** An operation, followed until it is in a block. */
async function operation(network: Network, path: string, body: unknown): Promise<Operation> {
    return mined(network, await askTwice<Operation>(network, path, { method: 'POST', body }));
}

export const faucet = (network: Network): Promise<Operation> => operation(network, '/v1/faucet', {});
export const withdraw = (network: Network, address: Hex, amount: Amount): Promise<Operation> =>
    operation(network, '/v1/withdrawals', { address, amount });

/** Collateral and a purse, in one. */
export async function setUp(network: Network, funds: Amount): Promise<void> {
    const begun = await askTwice<{ operation: Operation }>(network, '/v1/setup', { method: 'POST', body: { funds } });
    await mined(network, begun.operation);
}

export interface PhonePurse {
    purse: Hex;
    signature: Hex;
    terms: { funds: Amount; pledge: Amount; cover_count: number; circle: Hex };
}

/** Opens a purse whose key is on this phone. The server never has that key. */
export async function openOnPhone(network: Network, purse: PhonePurse): Promise<void> {
    const begun = await askTwice<{ operation: Operation }>(network, '/v1/purses/phone', { method: 'POST', body: purse });
    await mined(network, begun.operation);
}

export const addCollateral = (network: Network, amount: Amount): Promise<Operation> => operation(network, '/v1/collateral', { amount });
export const topUp = (network: Network, purse: Hex, amount: Amount): Promise<Operation> => operation(network, `/v1/purses/${purse}/funds`, { amount });
export const closePurse = (network: Network, purse: Hex): Promise<Operation> => operation(network, `/v1/purses/${purse}/close`, undefined);

export interface Order {
    request?: string;
    to?: string;
    amount?: Amount;
    memo?: string;
}

export const pay = (network: Network, order: Order): Promise<HostedPayment> => askTwice<HostedPayment>(network, '/v1/pay', { method: 'POST', body: order });
export const request = (network: Network, amount: Amount, memo: string): Promise<HostedRequest> =>
    askTwice<HostedRequest>(network, '/v1/requests', { method: 'POST', body: { amount, memo } });
export const requestNow = (network: Network, id: string): Promise<HostedRequest> => ask<HostedRequest>(network, `/v1/requests/${id}`);

export async function addresses(network: Network): Promise<Address[]> {
    const told = await ask<{ addresses?: Address[]; items?: Address[] } | Address[]>(network, '/v1/addresses');
    return Array.isArray(told) ? told : (told.addresses ?? told.items ?? []);
}

export const addAddress = (network: Network, address: string, label: string): Promise<Address> =>
    askTwice<Address>(network, '/v1/addresses', { method: 'POST', body: { address, label } });
/** If the account has a second factor, confirming takes a code of it. */
export const confirmAddress = (network: Network, address: Hex, code: string): Promise<Address> =>
    askTwice<Address>(network, `/v1/addresses/${address}/confirm`, { method: 'POST', body: code === '' ? {} : { code } });

export interface RecoveryBegan {
    token: string;
    ready_at: number;
    expires_at: number;
}

/** Getting back in with a recovery code: begun now, completed after a delay. */
export const beginRecovery = (network: Network, handle: string, code: string): Promise<RecoveryBegan> =>
    ask<RecoveryBegan>(network, '/v1/recoveries', { method: 'POST', body: { handle, code } });
export const completeRecovery = (network: Network, token: string, password: string): Promise<SignedIn> =>
    ask<SignedIn>(network, '/v1/recoveries/completion', { method: 'POST', body: { token, password } });
/** New recovery codes; the old ones stop working. */
export const newRecoveryCodes = async (network: Network): Promise<string[]> =>
    (await ask<{ recovery_codes: string[] }>(network, '/v1/me/recovery-codes', { method: 'POST' })).recovery_codes;
