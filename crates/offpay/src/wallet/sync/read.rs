//! What is read, in the round's block.

use anyhow::Result;
use offpay_chain::{Contract, ProofBlock, prove_payment};
use offpay_protocol::{AccountId, ChannelId, Circle, PurseKey};
use offpay_wallet::sync::{Answer, ChannelOnChain, CircleOnChain, PaidTo, PurseOnChain, PurseView};

use super::round::Round;

impl Round<'_> {
    fn contract(&self) -> Contract {
        self.online.contract.at(self.block.hash)
    }

    pub(super) async fn purse(&self, key: PurseKey) -> Result<PurseView> {
        let purse = self.contract().purse(key).await?;
        let on_chain = purse.map(|purse| PurseOnChain {
            owner: purse.owner,
            circle: purse.circle,
            funds: purse.funds,
            paid: purse.paid,
            pledge: purse.pledge,
            cover_count: purse.cover_count,
            closes_at: purse.closes_at,
            closed: purse.closed,
        });
        Ok(PurseView {
            purse: key,
            on_chain,
            at: self.block,
        })
    }

    pub(super) async fn membership(&self, circle: Circle, payee: AccountId) -> Result<Answer> {
        if circle.is_open() {
            let registered_at = self.contract().account(payee).await?.registered_at;
            return Ok(Answer::Registration {
                registered_at,
                at: self.block,
            });
        }
        let place = self.contract().membership(circle, payee).await?;
        let place = place.map(|place| CircleOnChain {
            from: place.from,
            until: place.until,
        });
        Ok(Answer::Membership {
            circle,
            place,
            at: self.block,
        })
    }

    pub(super) async fn channel(&self, id: ChannelId) -> Result<Answer> {
        let channel = self.contract().channel(id).await?;
        let on_chain = channel.map(|channel| ChannelOnChain {
            deposit_a: channel.deposit_a,
            deposit_b: channel.deposit_b,
            from_a: channel.from_a,
            from_b: channel.from_b,
            closes_at: channel.closes_at,
            closed: channel.closed,
        });
        Ok(Answer::Channel {
            channel: id,
            on_chain,
            at: self.block,
        })
    }

    /// The storage proof: the wallet checks it itself.
    pub(super) async fn paid(&self, purse: PurseKey, payee: AccountId) -> Result<PaidTo> {
        let contract = &self.online.contract;
        let block = ProofBlock::Number(self.block.number);
        let second = self.online.second.as_ref();
        let proof = prove_payment(
            contract.node(),
            second,
            contract.address(),
            purse,
            payee,
            block,
        )
        .await?;
        Ok(PaidTo {
            purse,
            payee,
            block_hash: self.anchor.header.hash,
            nodes: self.block.nodes,
            header: proof.anchor.rlp,
            proof: proof.nodes,
        })
    }

    pub(super) async fn in_default(&self, purse: PurseKey, payee: AccountId) -> Result<Answer> {
        let since = self.contract().pair(purse, payee).await?.in_default_since;
        Ok(Answer::InDefault {
            purse,
            payee,
            since,
            at: self.block,
        })
    }
}
