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
    | { do: 'unpaidRequests' }
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
    | { do: 'openChannel'; offer: string; deposit: Amount; batch: Beside }
    | { do: 'joinChannel'; code: string }
    | { do: 'showChannel'; channel: Hex }
    | { do: 'proposeClose'; channel: Hex }
    | { do: 'agreeToClose'; code: string; batch: Beside }
    | { do: 'watchChannel'; channel: Hex };
