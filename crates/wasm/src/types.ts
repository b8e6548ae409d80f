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

export type Command =
    | { do: 'newPhrase' }
    | { do: 'checkPhrase'; phrase: string }
    | { do: 'create'; deployment: Deployment; name: string; phrase: string; pin: string }
    | { do: 'create'; deployment: Deployment; name: string; account: Hex; pin: string }
    | { do: 'unlock'; pin: string }
    | { do: 'unlockWithPasskey'; credential: Hex; secret: string }
    | { do: 'addPasskey'; pin: string; credential: Hex; salt: Hex; secret: string }
    | { do: 'forgetPasskey'; credential: Hex }
    | { do: 'checkAddress'; address: string }
    | { do: 'signIn'; domain: string; uri: string; nonce: string }
    | { do: 'lock' }
    | { do: 'changePin'; old: string; new: string }
    | { do: 'backup'; password: string }
    | { do: 'restoreBackup'; backup: Hex; password: string }
    | { do: 'view' }
    | { do: 'history'; text: string | null; limit: number | null; progress?: Progress | null; direction?: 'sent' | 'received' | null }
    | { do: 'payment'; id: Hex }
    | { do: 'csv' }
    | { do: 'ask'; amount: Amount; memo: string; validFor: number | null }
    | { do: 'showRequest'; reference: Hex }
    | { do: 'withdraw'; reference: Hex }
    | { do: 'accept'; code: string }
    | { do: 'giveReceipt'; id: Hex }
    | { do: 'read'; code: string }
    | { do: 'readRequest'; code: string; deployment: Deployment }
    | { do: 'pay'; code: string; amount: Amount | null }
    | { do: 'showPayment'; id: Hex }
    | { do: 'takeReceipt'; code: string }
    | { do: 'refund'; id: Hex; amount: Amount | null }
    | { do: 'trustOperator'; code: string }
    | { do: 'forgetOperator'; operator: Hex }
    | { do: 'joinCircle'; circle: Hex; name: string }
    | { do: 'leaveCircle'; circle: Hex }
    | { do: 'saveContact'; account: Hex; name: string }
    | { do: 'changeSettings'; settings: Settings }
    | { do: 'retirePurse'; purse: Hex }
    | { do: 'accountCalls'; token: Hex }
    | { do: 'accountRead'; results: unknown[] }
    | {
          do: 'openPurse';
          funds: Amount;
          pledge: Amount;
          coverCount: number;
          circle: Hex;
          permit: Permit | null;
          lock: Amount;
          fee: Fee | null;
          nonce: string;
      }
    | { do: 'preparePurse'; funds: Amount; pledge: Amount; coverCount: number; circle: Hex }
    | { do: 'recoveryLogs' }
    | { do: 'recoveryCalls'; logs: unknown[]; purses: Hex[] }
    | { do: 'recovery'; purses: Hex[]; results: unknown[] }
    | { do: 'operate'; operations: OwnerOperation[]; nonce: string }
    | { do: 'guestCalls'; token: Hex; account: Hex }
    | { do: 'guestPermit'; token: Hex; account: Hex; amount: Amount; results: unknown[] }
    | { do: 'guestRelay'; account: Hex; amount: Amount; deadline: Time; signature: Hex; fee: Fee | null; nonce: string }
    | { do: 'guestSignIn'; account: Hex; domain: string; uri: string; nonce: string }
    | { do: 'signTransaction'; token: Hex; transaction: UnsignedTransaction }
    | { do: 'syncBlock'; block: unknown; nodes: number }
    | { do: 'syncTasks' }
    | { do: 'syncLearn'; index: number; results: unknown[] }
    | { do: 'syncSent'; index: number; transaction: Hex | null }
    | { do: 'syncCleared'; index: number; cleared: unknown }
    | { do: 'syncRelay'; index: number; fee: Fee | null; nonce: string }
    | { do: 'takeOperatorKeys'; operator: unknown }
    | { do: 'takeCertificate'; certificate: unknown }
    | { do: 'syncDone' }
    | { do: 'proveCalls'; id: Hex; block: number }
    | { do: 'prove'; id: Hex; block: unknown; proof: unknown; nodes: number }
    | { do: 'createTill'; deployment: Deployment; account: Hex; name: string; pin: string }
    | { do: 'takeAttestation'; code: string }
    | { do: 'bill'; lines: SaleLine[]; tip: Tip }
    | { do: 'sell'; lines: SaleLine[]; tip: Tip; memo: string; validFor: number }
    | { do: 'report'; since: Time; until: Time }
    | { do: 'addReports'; texts: string[] }
    | { do: 'askRefund'; id: Hex; amount: Amount | null }
    | { do: 'refundForTill'; code: string }
    | { do: 'tillAccount'; index: number }
    | { do: 'shopCalls'; tills: number[] }
    | { do: 'shopRead'; results: unknown[] }
    | { do: 'circleCalls'; circle: Hex }
    | { do: 'circleRead'; results: unknown[] }
    | { do: 'defaultCalls'; purse: Hex; payee: Hex }
    | { do: 'defaultRead'; purse: Hex; payee: Hex; results: unknown[] }
    | { do: 'evidence'; purse: Hex; payee: Hex }
    | { do: 'offerChannel' }
    | { do: 'openChannel'; offer: string; deposit: Amount; permit: Permit | null; nonce: string }
    | { do: 'joinChannel'; code: string }
    | { do: 'showChannel'; channel: Hex }
    | { do: 'proposeClose'; channel: Hex }
    | { do: 'agreeToClose'; code: string }
    | { do: 'watchChannel'; channel: Hex };

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

/** What each command answers. */
export interface Answers {
    newPhrase: { words: string[] };
    checkPhrase: { account: Hex };
    create: { account: Hex };
    unlock: null;
    unlockWithPasskey: null;
    addPasskey: null;
    forgetPasskey: null;
    checkAddress: { isSound: boolean };
    signIn: { message: string; signature: Hex };
    lock: null;
    changePin: null;
    backup: { backup: Hex };
    restoreBackup: { received: number; made: number; backedUpAt: Time };
    view: View;
    history: Line[];
    payment: PaymentDetails;
    csv: { csv: string };
    ask: ShownRequest;
    showRequest: ShownRequest;
    withdraw: null;
    accept: Taken;
    giveReceipt: { code: string; id: Hex; acceptedAt: Time };
    read: Reading;
    readRequest: Extract<Reading, { kind: 'request' }>;
    pay: ShownPayment;
    showPayment: ShownPayment;
    takeReceipt: { id: Hex };
    refund: ShownPayment;
    trustOperator: { operator: Hex; name: string };
    forgetOperator: null;
    joinCircle: null;
    leaveCircle: null;
    saveContact: null;
    changeSettings: null;
    retirePurse: null;
    accountCalls: Ask[];
    accountRead: Account;
    openPurse: Batch;
    preparePurse: { purse: Hex; signature: Hex };
    recoveryLogs: Ask[];
    recoveryCalls: { purses: Hex[]; ask: Ask[] };
    recovery: RecoveryStep[];
    operate: Batch;
    guestCalls: Ask[];
    guestPermit: { typed: unknown; deadline: Time };
    guestRelay: { typed: unknown; relay: unknown };
    guestSignIn: { message: string };
    signTransaction: { raw: Hex; hash: Hex };
    syncBlock: Block;
    syncTasks: SyncTask[];
    /** `whole`: the changes do not fit the list that is known; ask for all of it. */
    syncLearn: { send: boolean; whole?: boolean };
    syncCleared: { handedIn: boolean };
    syncRelay: Batch;
    takeOperatorKeys: { send: boolean };
    syncSent: null;
    takeCertificate: null;
    syncDone: Block;
    proveCalls: Ask[];
    prove: Proven;
    createTill: { account: Hex };
    takeAttestation: { name: string };
    bill: Bill;
    sell: ShownRequest;
    report: { report: Report; text: string; csv: string };
    addReports: { reports: Report[]; texts: string[]; sums: Sums };
    askRefund: { code: string; id: Hex; amount: Amount };
    refundForTill: ShownPayment;
    tillAccount: { account: Hex };
    shopCalls: Ask[];
    shopRead: { balances: Amount[]; total: Amount };
    circleCalls: Ask[];
    circleRead: OnCircle;
    defaultCalls: Ask[];
    defaultRead: OnDefault;
    evidence: { file: string };
    offerChannel: { code: string };
    openChannel: Batch & { channel: Hex };
    joinChannel: { channel: Hex };
    showChannel: { code: string };
    proposeClose: { code: string; deadline: Time };
    agreeToClose: Send;
    watchChannel: { terms: unknown; vouchers: unknown[] };
}
