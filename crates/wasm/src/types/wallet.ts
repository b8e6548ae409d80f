export interface Failure {
    code: string;
    message: string;
    retryable: boolean;
    with?: unknown;
}

export interface Block {
    number: number;
    hash: Hex;
    time: Time;
    nodes: number;
}

export interface Purse {
    key: Hex;
    standing: 'prepared' | 'open' | 'closing' | 'closed';
    closesAt: Time | null;
    terms: { circle: Hex; coverCount: number; funds: Amount; pledge: Amount };
    funds: Amount;
    left: Amount;
    certifiedLeft: Amount;
    certifiedAsOf: Time | null;
    certifiedFunds: Amount | null;
    retired: boolean;
}

export type Readiness =
    | { ready: true; until: Time; purse: Hex; upTo: Amount; renewSoon: boolean }
    | { ready: false; why: 'noPurse' | 'empty' | 'noFreshCertificate'; message: string };

export interface Wallet {
    exists: true;
    unlocked: boolean;
    account: Hex;
    name: string;
    role: 'owner' | 'ownerElsewhere' | 'payee';
    deployment: Deployment;
    time: Time;
    synced: Block | null;
    settings: Settings;
    readiness: Readiness;
    purses: Purse[];
    held: { count: number; total: Amount; dates: { id: Hex; by: Time; overdue: boolean; amount: Amount }[] };
    operators: { operator: Hex; name: string; server: string }[];
    circles: {
        circle: Hex;
        name: string;
        membership: { from: Time; until: Time | null; checkedAt: Time } | null;
    }[];
    contacts: { account: Hex; name: string }[];
    evidence: number;
    /** What finds the passkeys that open this wallet. */
    passkeys: { credential: Hex; salt: Hex }[];
    /** In the last 24 hours. */
    spent: { total: Amount; payments: number };
    defaults: Default[];
    channels: Channel[];
    payers: Payer[];
    till: { signer: Hex; attested: boolean; attestedUntil: Time | null; attestedName: string | null } | null;
}

/** A pair in default: what is held beyond what is proven to be paid, and what can be claimed of it. */
export interface Default {
    purse: Hex;
    payee: Hex;
    since: Time;
    until: Time;
    own: boolean;
    name: string;
    held: Amount;
    cover: Amount | null;
}

/** A purse that paid this wallet. */
export interface Payer {
    circle: Hex;
    purse: Hex;
    owner: Hex;
    name: string;
    cover: Amount;
    coverCount: number;
}

export interface Channel {
    id: Hex;
    counterparty: Hex;
    name: string;
    standing: 'proposed' | 'open' | 'closing' | 'closed';
    closesAt: Time | null;
    opener: boolean;
    oneWay: boolean;
    hasKey: boolean;
    depositOwn: Amount;
    depositOther: Amount;
    canSend: Amount;
    canReceive: Amount;
    sent: Amount;
    received: Amount;
    handInBy: Time | null;
    closeDelay: number;
    seenOpen: Time | null;
    lockedUntil: Time | null;
    canClose: boolean;
}

export interface OfCircle {
    circle: Hex;
    /** What the owner calls it, if it is joined. */
    name: string | null;
    open: boolean;
}

export type View = { exists: false } | Wallet;

export type Verdict =
    | { verdict: 'guaranteed' }
    | { verdict: 'coveredUpTo'; upTo: Amount; whileAtMost: number; circleSize: number }
    | { verdict: 'notCovered'; why: { why: string } };

export interface Taken {
    id: Hex;
    amount: Amount;
    again: boolean;
    verdict: Verdict;
    message: string;
    handInBy: Time;
    cover: Amount;
    exposure: Amount;
    excess: Amount;
    isOlder: boolean;
    channel: Hex | null;
    circle: OfCircle | null;
    /** The payment that it gives back. */
    refundOf: Hex | null;
}

export interface ShownRequest {
    code: string;
    reference: Hex;
    request: { payee: Hex; amount: Amount; nonce: Hex; expiresAt: Time; name: string; memo: string };
}

export interface ShownPayment {
    code: string;
    id: Hex;
    amount: Amount;
    payee: Hex | null;
    again: boolean;
}

export type Reading =
    | {
          kind: 'request';
          payee: Hex;
          name: string;
          nameBy: { by: 'contact' | 'attested' | 'unverified'; name: string; operator?: Hex };
          verified: boolean;
          amount: Amount;
          memo: string;
          expiresAt: Time;
          paidBy: Hex | null;
      }
    | { kind: 'operator'; name: string; operator: Hex; server: string; sameDeployment: boolean }
    | { kind: 'payment' | 'receipt' | 'certificate' | 'attestation' | 'unknown' }
    | { kind: 'tillReport'; report: Report }
    | {
          kind: 'tillRefund';
          till: Hex;
          index: number;
          payer: Hex;
          purse: Hex;
          name: string;
          original: Hex;
          paid: Amount;
          amount: Amount;
          givenBack: Amount;
          left: Amount;
      }
    | { kind: 'channelOffer'; account: Hex; name: string }
    | { kind: 'channelTerms'; account: Hex; name: string; closeDelay: number; oneWay: boolean; channel: Hex }
    | { kind: 'channelClose'; channel: Hex; deadline: Time };

export type Standing =
    | { is: 'held' }
    | { is: 'handedIn'; at: Time }
    | { is: 'inDefault'; since: Time }
    | { is: 'final'; block: Block };

export interface Line {
    number: number;
    id: Hex;
    at: Time;
    amount: Amount;
    direction: 'sent' | 'received';
    through: { purse: Hex } | { channel: Hex };
    counterparty: Hex;
    name: string;
    memo: string;
    refundOf: Hex | null;
    hasReceipt: boolean;
    standing: Standing | null;
    /** Through a channel: nothing, it settles as a whole. */
    progress: Progress | null;
}

/** A request that nobody paid. */
export interface UnpaidRequest {
    reference: Hex;
    amount: Amount;
    memo: string;
    at: Time;
    expiresAt: Time;
    expired: boolean;
}

export interface PaymentDetails extends Line {
    payment?: { payee: Hex; start: Amount; amount: Amount; cumulative: Amount; reference: Hex };
    purse?: Hex;
    acceptance?: {
        verdict: Verdict;
        cover: Amount;
        exposure: Amount;
        excess: Amount;
        isOlder: boolean;
        handInBy: Time;
    };
    message?: string;
    refunded?: Amount;
    circle?: OfCircle | null;
    sale?: { lines: SaleLine[]; tip: Amount } | null;
    verified?: boolean;
}
