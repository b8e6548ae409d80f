/** Base units, as a decimal string: numbers end at 2^53. */
export type Amount = string;
/** Seconds since 1970. */
export type Time = number;
export type Hex = string;

export interface Deployment {
    domain: { chainId: number; verifyingContract: Hex };
    parameters: {
        settlementPeriod: number;
        closeDelay: number;
        healthyCollateral: Amount;
        openPenalty: number;
        circlePenalty: number;
    };
    token: { symbol: string; decimals: number };
}

export interface Settings {
    spending: { perPayment: Amount | null; perDay: Amount | null; paymentsPerDay: number | null };
    acceptance: {
        limits: {
            payments: number;
            total: Amount;
            perPayer: Amount;
            sinceSync: number;
            leastCoverCount: number;
            uncovered: Amount;
            margin: number;
        };
        floor: Amount | null;
    };
    idleLimit: number;
}

export interface Permit {
    amount: Amount;
    nonce: string;
    separator: Hex;
}

/** What whoever sends a batch gets for it, inside the contract. */
export interface Fee {
    to: Hex;
    amount: Amount;
}

/** What stands in a batch beside the call that it is for. */
export interface Beside {
    permit: Permit | null;
    fee: Fee | null;
    nonce: string;
}

export type OwnerOperation =
    | ({ call: 'deposit' } & Permit)
    | ({ call: 'transfer' } & Fee)
    | { call: 'lockCollateral'; amount: Amount }
    | { call: 'withdraw'; to: Hex; amount: Amount }
    | { call: 'withdrawCollateral'; to: Hex; amount: Amount }
    | { call: 'topUpPurse'; purse: Hex; amount: Amount }
    | { call: 'addPledge'; purse: Hex; amount: Amount }
    | { call: 'requestPurseClose'; purse: Hex }
    | { call: 'closePurse'; purse: Hex }
    | { call: 'sweepTill'; index: number }
    | { call: 'makeGood'; purse: Hex; payees: Hex[]; max: Amount }
    | { call: 'fundChannel'; channel: Hex; amount: Amount }
    | { call: 'requestChannelClose'; channel: Hex };

export interface SaleLine {
    name: string;
    price: Amount;
    quantity: number;
}

/** A share is in basis points. */
export type Tip = 'none' | { share: number } | { amount: Amount };

export interface Bill {
    goods: Amount;
    tip: Amount;
    total: Amount;
}

export interface Tally {
    count: number;
    total: Amount;
}

export type Sum =
    | 'taken'
    | 'guaranteed'
    | 'covered'
    | 'uncovered'
    | 'tips'
    | 'refunds'
    | 'held'
    | 'handedIn'
    | 'settled'
    | 'inDefault';

export type Sums = Record<Sum, Tally>;

export interface Report {
    account: Hex;
    name: string;
    since: Time;
    until: Time;
    madeAt: Time;
    sums: Sums;
}

export type Progress = 'signed' | 'accepted' | 'cleared' | 'settled' | 'final' | 'expired' | 'defaulted';

export interface UnsignedTransaction {
    to: Hex;
    data: Hex;
    nonce: number;
    gas: number;
    maxFee: string;
    tip: string;
}
