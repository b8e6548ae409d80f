//! A hosted user and a wallet of somebody's own: the same signed messages.

use offpay_chain::{BlockId, Contract, Sender, local::key};
use offpay_protocol::{
    Amount, ChannelId, Reference, Seconds, Timestamp,
    channel::Side,
    wire::{
        ChannelCloseCode, ChannelOfferCode, ChannelTermsCode, Code, ReferenceHint, VoucherCode,
    },
};
use offpay_server::testing::{TestServer, eventually};
use offpay_store::testing::{Engine, MemoryStorage};
use offpay_wallet::{
    Deployment, Entropy, Token, Wallet,
    ask::Ask,
    channel::{ChannelProposal, SignedClose},
    keys::{KdfCost, Password},
    pay::{Paid, PayOrder, ScannedRequest, Source},
    records::FinalizedBlock,
    settings::Settings,
    sync::{Answer, ChannelOnChain},
    wallet::{NewIdentity, NewWalletOrder},
};
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    channel_support::{funded, id_of, offer, open_when, pay},
    support::{ONE, audit, server, server_on, units},
};

fn entropy() -> Entropy {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    Entropy::new(bytes)
}

/// A wallet that holds its own keys, with money in the contract and its own gas.
struct Phone {
    wallet: Wallet<MemoryStorage>,
    sender: Sender,
    contract: Contract,
}

impl Phone {
    async fn new(server: &TestServer, name: &str, balance: u128) -> Self {
        let contract = server.contract().clone();
        let sender = server.local.chain.sender(name).await.unwrap();
        let owner = server.app().keys.token_owner.as_ref().unwrap();
        let (token, amount) = (server.token(), Amount::new(balance).unwrap());
        token.mint(owner, sender.address(), amount).await.unwrap();
        token
            .approve(&sender, contract.address(), Amount::MAX)
            .await
            .unwrap();
        contract.deposit(amount).send(&sender).await.unwrap();
        let mut settings = Settings::cautious(amount);
        settings.idle_limit = Seconds::days(365);
        let order = NewWalletOrder {
            deployment: Deployment {
                domain: *contract.domain(),
                parameters: contract.configuration().parameters,
                token: Token {
                    symbol: "OFFPAY".into(),
                    decimals: 18,
                },
            },
            identity: NewIdentity::Owner(key(name).unwrap()),
            name: name.to_owned(),
            settings,
            cost: KdfCost::FOR_TESTS,
        };
        let now = server.app().now();
        let storage = MemoryStorage::new();
        let wallet = Wallet::create(storage, order, &Password::new("2468"), &entropy(), now);
        Self {
            wallet: wallet.unwrap(),
            sender,
            contract,
        }
    }

    /// Looks at a channel in the newest final block, as it does when it syncs.
    async fn sync(&mut self, server: &TestServer, channel: ChannelId) -> Timestamp {
        server.finalize().await.unwrap();
        let block = self
            .contract
            .node()
            .block(BlockId::finalized())
            .await
            .unwrap();
        let seen = self.contract.at(block.hash).channel(channel).await.unwrap();
        let at = FinalizedBlock {
            number: block.number,
            hash: block.hash,
            time: block.timestamp,
            nodes: 1,
        };
        let on_chain = seen.map(|channel| ChannelOnChain {
            deposit_a: channel.deposit_a,
            deposit_b: channel.deposit_b,
            from_a: channel.from_a,
            from_b: channel.from_b,
            closes_at: channel.closes_at,
            closed: channel.closed,
        });
        let answer = Answer::Channel {
            channel,
            on_chain,
            at,
        };
        self.wallet.learn(answer, block.timestamp).unwrap();
        self.wallet
            .learn(Answer::Synced(at), block.timestamp)
            .unwrap();
        block.timestamp
    }

    async fn balance(&self) -> Amount {
        let account = self.contract.account(self.sender.account()).await;
        account.unwrap().balance
    }
}

fn text(code: impl Into<Code>) -> String {
    code.into().to_text().unwrap()
}

/// A hosted user opens a channel with a wallet; both pay; they close together.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_wallet_that_offered() {
    let server = server().await;
    let domain = *server.contract().domain();
    let ana = funded(&server, "ana").await;
    let mut bob = Phone::new(&server, "bob", 1_000).await;
    let now = server.app().now();
    let offered = bob.wallet.prepare_channel_key(&entropy(), now).unwrap();
    let code = text(ChannelOfferCode::new(&domain, offered.account, offered.key));
    let body = json!({ "offer": code, "deposit": "100" });
    let opened = ana.done(&server, "/v1/channels", &body).await;
    let id = id_of(&opened);
    let channel: ChannelId = id.parse().unwrap();
    let Code::ChannelTerms(code) =
        Code::parse(opened["channel"]["terms_code"].as_str().unwrap()).unwrap()
    else {
        panic!("no terms")
    };
    let terms = *code.open(&domain).unwrap();
    bob.wallet.join_channel(terms, now).unwrap();
    open_when(&server, &ana, &id, |view| units(&view["available"]) == 100).await;
    let now = bob.sync(&server, channel).await;

    // Ana's voucher, as the code that is scanned.
    let body = json!({ "amount": "60", "reference": Reference::new([0xab; 32].into()) });
    let paid = ana
        .post(&server, &format!("/v1/channels/{id}/pay"), &body)
        .await
        .body;
    let Code::Voucher(code) = Code::parse(paid["code"].as_str().unwrap()).unwrap() else {
        panic!("no voucher")
    };
    let taken = bob.wallet.accept_voucher_code(&code, now).unwrap();
    assert_eq!((taken.amount, taken.left), (60.into(), 40.into()));

    // Bob pays a request of hers back, with a code that leaves out what she knows.
    let asked = json!({ "amount": "25", "memo": "change" });
    let request = ana.post(&server, "/v1/requests", &asked).await;
    let Code::Request(code) = Code::parse(request.body["code"].as_str().unwrap()).unwrap() else {
        panic!("no request")
    };
    let (request, signature) = code.open(&domain).unwrap();
    let order = PayOrder {
        scanned: ScannedRequest {
            request: request.clone(),
            signature,
            attestation: None,
        },
        amount: None,
        source: Source::Channel(channel),
    };
    let Paid::Voucher(shown) = bob.wallet.pay(&order, now).unwrap().into_inner() else {
        panic!("paid out of a purse")
    };
    let hint = ReferenceHint::own_request(shown.voucher.reference);
    let code = VoucherCode::new(&domain, &shown.voucher, hint, shown.signature).unwrap();
    let body = json!({ "code": text(code) });
    let path = format!("/v1/channels/{id}");
    for _ in 0..2 {
        let got = ana.post(&server, &format!("{path}/receive"), &body).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text);
        assert_eq!(units(&got.body["amount"]), 25);
        assert_eq!(got.body["direction"], "in");
    }
    let view = ana.get(&server, &path).await;
    assert_eq!(units(&view["received"]), 25, "once");
    assert_eq!(units(&view["available"]), 65);

    // Ana proposes, the wallet agrees; its signature comes back as a code.
    let proposed = ana
        .post(&server, &format!("{path}/close-together"), &json!({}))
        .await;
    let Code::ChannelClose(code) =
        Code::parse(proposed.body["close"]["code"].as_str().unwrap()).unwrap()
    else {
        panic!("no close")
    };
    let (close, by, signature) = code.open(&domain, channel).unwrap();
    assert_eq!(by, Side::A);
    let theirs = SignedClose {
        close,
        by_a: Some(signature),
        by_b: None,
    };
    let agreed = bob.wallet.agree_to_close(theirs, now).unwrap();
    let own = ChannelCloseCode::new(&domain, &close, Side::A, signature);
    let mine = json!({ "close": text(own) });
    let refused = ana
        .post(&server, &format!("{path}/close-together"), &mine)
        .await;
    assert_eq!(refused.code(), "invalid_request", "her own signature");
    let code = ChannelCloseCode::new(&domain, &close, Side::B, agreed.by_b.unwrap());
    let body = json!({ "close": text(code) });
    let closing = ana
        .post(&server, &format!("{path}/close-together"), &body)
        .await;
    assert_eq!(closing.status, StatusCode::ACCEPTED, "{}", closing.text);
    ana.wait(&server, closing.body["operation"]["id"].as_str().unwrap())
        .await;
    assert_eq!(bob.balance().await, 1_035.into());
    ana.account_when(&server, "paid out", |account| {
        units(&account["balance"]["final"]) == 200 * ONE - 35
    })
    .await;
    audit(&server).await;
}

/// A wallet opens a channel with a hosted user and closes it with an old state: the watchtower answers, with nothing
/// handed over by anybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_close_of_the_other_side_is_answered() {
    for engine in Engine::ALL {
        let server = server_on(engine, |_| {}).await;
        let domain = *server.contract().domain();
        let ana = funded(&server, "ana").await;
        let mut bob = Phone::new(&server, "bob", 1_000).await;
        let now = server.app().now();
        let Code::ChannelOffer(code) = Code::parse(&offer(&server, &ana, None).await).unwrap()
        else {
            panic!("no offer")
        };
        let (account, her_key) = code.open(&domain).unwrap();
        let proposal = ChannelProposal {
            counterparty: account,
            counterparty_key: Some(her_key),
            close_delay: Some(Seconds::days(2)),
        };
        let terms = bob
            .wallet
            .propose_channel(&proposal, &entropy(), now)
            .unwrap();
        let terms = terms.into_inner();
        let channel = terms.id(&domain);
        let accept = json!({ "terms": text(ChannelTermsCode::new(&domain, terms)) });
        let early = ana.post(&server, "/v1/channels/accept", &accept).await;
        assert_eq!(early.code(), "channel_not_open", "{}", early.text);
        bob.contract
            .open_channel(&terms, 500.into())
            .send(&bob.sender)
            .await
            .unwrap();
        eventually("ana accepts", || async {
            server.finalize().await.unwrap();
            let accepted = ana.post(&server, "/v1/channels/accept", &accept).await;
            accepted.status.is_success().then_some(())
        })
        .await;
        let now = bob.sync(&server, channel).await;
        let path = format!("/v1/channels/{channel}");
        open_when(&server, &ana, &channel.to_string(), |view| {
            units(&view["receivable"]) == 500
        })
        .await;

        let receive = format!("{path}/receive");
        let mut vouchers = Vec::new();
        for amount in ["100", "250"] {
            let asked = json!({ "amount": amount });
            let request = ana.post(&server, "/v1/requests", &asked).await;
            let Code::Request(code) = Code::parse(request.body["code"].as_str().unwrap()).unwrap()
            else {
                panic!("no request")
            };
            let (request, signature) = code.open(&domain).unwrap();
            let order = PayOrder {
                scanned: ScannedRequest {
                    request: request.clone(),
                    signature,
                    attestation: None,
                },
                amount: None,
                source: Source::Channel(channel),
            };
            let Paid::Voucher(shown) = bob.wallet.pay(&order, now).unwrap().into_inner() else {
                panic!("paid out of a purse")
            };
            vouchers.push(offpay_protocol::Signed {
                domain,
                message: shown.voucher,
                signature: shown.signature,
            });
        }
        // The newer one, then the older: it adds nothing any more.
        let newer = ana
            .post(&server, &receive, &json!({ "voucher": vouchers[1] }))
            .await;
        assert_eq!(newer.status, StatusCode::OK, "{}", newer.text);
        assert_eq!(units(&newer.body["amount"]), 350, "all that he has paid");
        let older = ana
            .post(&server, &receive, &json!({ "voucher": vouchers[0] }))
            .await;
        assert_eq!(older.code(), "voucher_refused", "{}", older.text);
        assert_eq!(older.body["data"]["code"], "voucher_too_low");
        let mut forged = vouchers[1];
        forged.message.cumulative = 499.into();
        let forged = ana
            .post(&server, &receive, &json!({ "voucher": forged }))
            .await;
        assert_eq!(forged.body["data"]["code"], "voucher_not_the_counterparty");
        pay(&server, &ana, &channel.to_string(), 40).await;

        // Bob shows the contract only the first voucher, and closes.
        bob.contract
            .present_voucher(&terms, &vouchers[0])
            .unwrap()
            .send(&bob.sender)
            .await
            .unwrap();
        bob.contract
            .request_channel_close(&terms)
            .send(&bob.sender)
            .await
            .unwrap();
        let answered = eventually("the close is answered", || async {
            let state = bob.contract.channel(channel).await.unwrap().unwrap();
            (state.from_a == 350.into() && state.from_b == 40.into()).then_some(state)
        })
        .await;
        assert!(answered.closes_at.is_some());
        server.pass(Seconds::days(2)).await.unwrap();
        ana.account_when(&server, "ana has hers", |account| {
            units(&account["balance"]["final"]) == 200 * ONE + 310
        })
        .await;
        assert_eq!(bob.balance().await, 690.into());
        let view = ana.get(&server, &path).await;
        assert_eq!(view["state"], "closed");
        audit(&server).await;
    }
}

/// One way, to a wallet: its request is paid by its reference, and it claims without a close.
#[tokio::test(flavor = "multi_thread")]
async fn a_wallets_request_is_paid_by_its_reference() {
    let server = server().await;
    let domain = *server.contract().domain();
    let ana = funded(&server, "ana").await;
    let mut bob = Phone::new(&server, "bob", 1_000).await;
    let body = json!({ "with": bob.sender.account(), "deposit": "100" });
    let opened = ana.done(&server, "/v1/channels", &body).await;
    let id = id_of(&opened);
    let channel: ChannelId = id.parse().unwrap();
    let Code::ChannelTerms(code) =
        Code::parse(opened["channel"]["terms_code"].as_str().unwrap()).unwrap()
    else {
        panic!("no terms")
    };
    let now = server.app().now();
    bob.wallet
        .join_channel(*code.open(&domain).unwrap(), now)
        .unwrap();
    open_when(&server, &ana, &id, |view| units(&view["available"]) == 100).await;
    let now = bob.sync(&server, channel).await;
    let ask = Ask {
        amount: 30.into(),
        valid_for: Seconds::new(600),
        memo: "bread".into(),
        signed: false,
    };
    let request = bob.wallet.ask(&ask, &entropy(), now).unwrap();
    let reference = request.request.reference(&domain);
    let body = json!({ "amount": "30", "reference": reference });
    let path = format!("/v1/channels/{id}");
    let paid = ana.post(&server, &format!("{path}/pay"), &body).await;
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.text);
    let Code::Voucher(code) = Code::parse(paid.body["code"].as_str().unwrap()).unwrap() else {
        panic!("no voucher")
    };
    let taken = bob.wallet.accept_voucher_code(&code, now).unwrap();
    assert_eq!((taken.amount, taken.excess), (30.into(), 0.into()));
    // Bob claims it without the channel being closed: the balance shows what is left in it.
    let voucher = serde_json::from_value(paid.body["voucher"].clone()).unwrap();
    let claim = offpay_chain::contract::VoucherClaim {
        terms: serde_json::from_value(opened["channel"]["terms"].clone()).unwrap(),
        voucher,
    };
    let claim = bob.contract.claim_voucher(&claim).unwrap();
    claim.send(&bob.sender).await.unwrap();
    assert_eq!(bob.balance().await, 1_030.into());
    let account = ana
        .account_when(&server, "the claim is seen", |account| {
            units(&account["channels"]["locked"]) == 70
        })
        .await;
    assert_eq!(units(&account["channels"]["available"]), 70);
    audit(&server).await;
}
