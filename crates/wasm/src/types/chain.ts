export interface Account {
    balance: Amount;
    collateral: Amount;
    pledged: Amount;
    registeredAt: Time | null;
    tokens: Amount;
    permitNonce: string | null;
    separator: Hex | null;
    gas: string;
}

export interface Ask {
    method: string;
    params: unknown[];
}

export interface Send {
    to: Hex;
    data: Hex;
}

export interface SyncTask {
    index: number;
    what:
        | 'handIn'
        | 'handInVoucher'
        | 'report'
        | 'claim'
        | 'requestClose'
        | 'close'
        | 'makeGood'
        | 'finalizeChannel'
        | 'certificate'
        | 'operatorKey'
        | 'revocations'
        | 'read'
        | 'prove';
    ask: Ask[];
    send?: Send;
    own?: boolean;
    id?: Hex;
    purse?: Hex;
    payment?: unknown;
    channel?: Hex;
    /** Whose server is to be asked; empty if its card names none. */
    operator?: Hex;
    server?: string;
    /** The version of the list that is known. */
    since?: number | null;
}

/** What is to be done about a purse whose key is lost, in order. */
export type RecoveryStep =
    | { step: 'requestClose'; purse: Hex }
    | { step: 'makeGood'; purse: Hex; payees: Hex[]; until: Time }
    | { step: 'close'; purse: Hex; at: Time; left: Amount }
    | { step: 'open'; terms: Purse['terms'] };

export interface Batch extends Send {
    relay: unknown;
    signature: Hex;
    purse?: Hex;
}

export interface OnCircle {
    /** Members, and those pending; 65535 stands for that many or more. */
    size: number;
    from: Time | null;
    until: Time | null;
}

export interface OnDefault {
    purse: Hex;
    payee: Hex;
    since: Time | null;
    until: Time | null;
    owed: Amount;
    paid: Amount;
    reserved: Amount;
    fromCollateral: Amount;
    wasMember: boolean;
    /** Whose purse it is; zero once it is closed. */
    owner: Hex;
    pledge: Amount;
    condemned: boolean;
    closesAt: Time | null;
    due: boolean;
}

export interface Proven {
    paid: boolean;
    credited: Amount;
    cumulative: Amount;
    block: number;
    hash: Hex;
    time: Time;
    stateRoot: Hex;
    slot: Hex;
    nodes: number;
    proofNodes: number;
}
