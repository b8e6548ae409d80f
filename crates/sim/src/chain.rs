//! The chain: the real contracts' bytecode in an EVM, blocks on the simulated clock, finality, and reorgs.

use std::{collections::VecDeque, rc::Rc};

use alloy::{
    consensus::Header,
    primitives::{Address, B256, Bytes, TxKind, U256},
    rlp,
    sol_types::SolCall,
};
use offpay_chain::{Configuration, bindings};
use offpay_protocol::{
    AccountId, Domain, PurseKey, Timestamp, cover::Parameters, slot::paid_to_slot,
};
use offpay_wallet::{records::FinalizedBlock, sync::PaidTo};

use crate::random::Random;

mod evm;
mod state;
mod view;

pub use evm::{CHAIN_ID, Outcome};
pub use view::View;
pub(crate) use view::units;

use evm::{Db, Moment};
use state::Snapshot;

/// How many blocks lie on a final one.
pub const FINAL_AFTER: usize = 3;

/// Seconds between blocks that are mined one after the other.
const BLOCK_TIME: u64 = 12;

/// A call that somebody sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Who.
    pub from: Address,
    /// Which contract.
    pub to: Address,
    /// What.
    pub data: Bytes,
}

#[derive(Debug)]
struct Block {
    number: u64,
    time: u64,
    parent: B256,
    after: Rc<Snapshot>,
    transactions: Vec<Transaction>,
}

impl Block {
    fn header(&self) -> Header {
        Header {
            parent_hash: self.parent,
            state_root: self.after.root(),
            number: self.number,
            timestamp: self.time,
            ..Header::default()
        }
    }
}

/// The chain.
#[derive(Debug)]
pub struct Chain {
    /// The contract.
    pub contract: Address,
    /// The token.
    pub token: Address,
    /// What was fixed when it was deployed.
    pub parameters: Parameters,
    /// The account that receives what is left of a condemned purse's pledge.
    pub treasury: AccountId,
    db: Db,
    changed: bool,
    blocks: Vec<Block>,
    /// The place of the newest final block: no reorg takes it, nor any before.
    last_final: usize,
    pool: VecDeque<Transaction>,
    /// How many transactions ran, those that were reverted included.
    pub executed: u64,
}

impl Chain {
    /// A chain with the contracts and nothing else on it. `bytecode` takes the place of the contract's own: a bug can
    /// be planted there.
    ///
    /// # Panics
    ///
    /// If the contracts cannot be deployed: then there is nothing to simulate.
    pub fn new(parameters: Parameters, now: u64, bytecode: Option<&Bytes>) -> Self {
        let deployer = Address::repeat_byte(0xd0);
        let treasury = AccountId::from(Address::repeat_byte(0x7e));
        let mut db = Db::default();
        let at = Moment {
            number: 0,
            time: now,
        };
        let init =
            |code: &Bytes, arguments: Vec<u8>| Bytes::from([code.as_ref(), &arguments].concat());
        let token = {
            use alloy::sol_types::SolValue as _;
            init(&bindings::OffPayToken::BYTECODE, deployer.abi_encode())
        };
        let token = deploy(&mut db, at, deployer, token);
        let configuration = Configuration {
            token,
            treasury,
            parameters,
        };
        let arguments = {
            use alloy::sol_types::SolConstructor as _;
            bindings::OffPay::constructorCall {
                configuration: (&configuration).into(),
            }
            .abi_encode()
        };
        let code = bytecode.unwrap_or(&bindings::OffPay::BYTECODE);
        let contract = deploy(&mut db, at, deployer, init(code, arguments));
        let genesis = Block {
            number: 0,
            time: now,
            parent: B256::ZERO,
            after: Rc::new(Snapshot::new(db.clone())),
            transactions: Vec::new(),
        };
        Self {
            contract,
            token,
            parameters,
            treasury,
            db,
            changed: false,
            blocks: vec![genesis],
            last_final: 0,
            pool: VecDeque::new(),
            executed: 0,
        }
    }

    /// What messages are signed for.
    pub fn domain(&self) -> Domain {
        Domain::new(CHAIN_ID, self.contract)
    }

    /// Sends a call to the contract: it is in one of the next blocks.
    pub fn send<C: SolCall>(&mut self, from: impl Into<Address>, call: &C) {
        self.pool.push_back(Transaction {
            from: from.into(),
            to: self.contract,
            data: call.abi_encode().into(),
        });
    }

    /// Sends a call and mines it at once, alone.
    pub fn send_now<C: SolCall>(&mut self, from: impl Into<Address>, call: &C) -> Outcome {
        let to = self.contract;
        self.run_now(from.into(), to, call.abi_encode().into())
    }

    /// Gives somebody tokens, and lets the contract take them.
    pub fn fund(&mut self, to: AccountId, units: u64) {
        let owner = Address::repeat_byte(0xd0);
        let units = U256::from(units);
        let mint = bindings::OffPayToken::mintCall {
            to: to.into(),
            amount: units,
        };
        let approve = bindings::Token::approveCall {
            spender: self.contract,
            amount: U256::MAX,
        };
        let token = self.token;
        for (from, data) in [
            (owner, mint.abi_encode()),
            (to.into(), approve.abi_encode()),
        ] {
            let outcome = self.run_now(from, token, data.into());
            assert!(outcome.is_done(), "funding {to}: {outcome:?}");
        }
    }

    fn run_now(&mut self, from: Address, to: Address, data: Bytes) -> Outcome {
        let transaction = Transaction { from, to, data };
        let time = self.head_time();
        self.mine_block(time, vec![transaction])
            .pop()
            .unwrap_or_else(|| Outcome::Halted("nothing ran".into()))
    }

    /// Mines until `now`: what is in the pool, in an order that `random` chooses, then as many blocks as it takes for
    /// all but the last of them to be final... unless `now` is where the head is already.
    pub fn mine(&mut self, now: u64, random: &mut Random) -> Vec<Outcome> {
        let mut pool: Vec<Transaction> = std::mem::take(&mut self.pool).into();
        random.shuffle(&mut pool);
        self.mine_block(now, pool)
    }

    /// Mines empty blocks until all that is mined is final.
    pub fn finalize(&mut self) {
        for _ in 0..FINAL_AFTER {
            let time = self.head_time().saturating_add(BLOCK_TIME);
            self.mine_block(time, Vec::new());
        }
    }

    fn mine_block(&mut self, time: u64, transactions: Vec<Transaction>) -> Vec<Outcome> {
        let at = Moment {
            number: self.head().number.saturating_add(1),
            time: time.max(self.head_time()),
        };
        let mut outcomes = Vec::with_capacity(transactions.len());
        for transaction in &transactions {
            let to = TxKind::Call(transaction.to);
            let data = transaction.data.clone();
            outcomes.push(evm::execute(&mut self.db, at, transaction.from, to, data));
            self.executed = self.executed.saturating_add(1);
            self.changed = true;
        }
        let after = if self.changed {
            Rc::new(Snapshot::new(self.db.clone()))
        } else {
            Rc::clone(&self.head().after)
        };
        self.changed = false;
        let block = Block {
            number: at.number,
            time: at.time,
            parent: self.head().header().hash_slow(),
            after,
            transactions,
        };
        self.blocks.push(block);
        let deep = self
            .blocks
            .len()
            .saturating_sub(FINAL_AFTER.saturating_add(1));
        self.last_final = self.last_final.max(deep);
        outcomes
    }

    /// Takes back the newest blocks, none of them final. Of their transactions some come again, some never do.
    pub fn reorg(&mut self, depth: usize, random: &mut Random) {
        let first = self.last_final.saturating_add(1);
        let kept = self.blocks.len().saturating_sub(depth).max(first);
        let gone = self.blocks.split_off(kept);
        for transaction in gone.into_iter().flat_map(|block| block.transactions) {
            if random.chance(60) {
                self.pool.push_back(transaction);
            }
        }
        self.db = self.head().after.db.clone();
    }

    fn head(&self) -> &Block {
        self.blocks
            .last()
            .expect("there is a first block, and no reorg takes it")
    }

    /// The number of the newest block.
    pub fn head_number(&self) -> u64 {
        self.head().number
    }

    /// Lowers what a payee was credited, behind the contract's back: a bug that is planted.
    pub(crate) fn lower_paid_to(&mut self, purse: PurseKey, payee: AccountId) {
        let slot = U256::from_be_bytes(paid_to_slot(purse, payee).0);
        let account = self.db.cache.accounts.get_mut(&self.contract);
        if let Some(value) = account.and_then(|account| account.storage.get_mut(&slot))
            && !value.is_zero()
        {
            *value = value.saturating_sub(U256::ONE);
            self.changed = true;
        }
    }

    /// The time of the newest block.
    pub fn head_time(&self) -> u64 {
        self.head().time
    }

    fn final_block(&self, behind: usize) -> &Block {
        &self.blocks[self.last_final.saturating_sub(behind)]
    }

    /// The newest final block, or one `behind` it, as nodes tell a wallet.
    pub fn finalized(&self, behind: usize) -> FinalizedBlock {
        let block = self.final_block(behind);
        FinalizedBlock {
            number: block.number,
            hash: block.header().hash_slow(),
            time: timestamp(block.time),
            nodes: 2,
        }
    }

    /// Looks at the state of the head.
    pub fn at_head(&self) -> View<'_> {
        self.view(self.head())
    }

    /// Looks at the state of the newest final block, or one `behind` it.
    pub fn at_finalized(&self, behind: usize) -> View<'_> {
        self.view(self.final_block(behind))
    }

    fn view<'a>(&'a self, block: &'a Block) -> View<'a> {
        let at = Moment {
            number: block.number,
            time: block.time,
        };
        View::new(self, &block.after.db, at)
    }

    /// What a payee was credited, with the proof, in the newest final block or one `behind` it.
    pub fn prove_paid(&self, purse: PurseKey, payee: AccountId, behind: usize) -> PaidTo {
        let block = self.final_block(behind);
        let header = block.header();
        PaidTo {
            purse,
            payee,
            block_hash: header.hash_slow(),
            nodes: 2,
            header: rlp::encode(&header).into(),
            proof: block
                .after
                .prove_slot(self.contract, paid_to_slot(purse, payee)),
        }
    }
}

fn deploy(db: &mut Db, at: Moment, from: Address, init: Bytes) -> Address {
    let nonce = db
        .cache
        .accounts
        .get(&from)
        .map_or(0, |account| account.info.nonce);
    let outcome = evm::execute(db, at, from, TxKind::Create, init);
    assert!(outcome.is_done(), "deploying: {outcome:?}");
    from.create(nonce)
}

/// A time of the chain. Simulated time stays far below the highest there is.
pub fn timestamp(seconds: u64) -> Timestamp {
    Timestamp::new(seconds).unwrap_or(Timestamp::MAX)
}
