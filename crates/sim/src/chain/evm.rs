//! The machine that runs the contracts: revm on a state in memory.

use alloy::primitives::{Address, Bytes, Log, TxKind, U256};
use revm::{
    Context, ExecuteCommitEvm as _, ExecuteEvm as _, MainBuilder as _, MainContext as _,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
};

/// The chain's id.
pub const CHAIN_ID: u64 = 31_337;

/// More than any one transaction of the protocol takes; the most that a transaction may take on the main network.
const GAS_LIMIT: u64 = 16_000_000;

/// A state.
pub(super) type Db = CacheDB<EmptyDB>;

/// The block that a transaction runs in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) number: u64,
    pub(super) time: u64,
}

/// What came of a transaction.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was carried out.
    Done {
        /// What it returned; of a deployment, the code.
        output: Bytes,
        /// Its events.
        logs: Vec<Log>,
    },
    /// It was reverted, with this error.
    Reverted(Bytes),
    /// It ran out of gas, or worse.
    Halted(String),
}

impl Outcome {
    /// Whether it was carried out.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

fn settings() -> CfgEnv {
    let mut settings = CfgEnv::new().with_chain_id(CHAIN_ID);
    // Who may send is not what is simulated: transactions are not signed.
    settings.disable_nonce_check = true;
    // Bugs are planted in code that the cheaper compiler made; it may be longer than a chain takes. `make lint` looks at
    // the size of what is deployed.
    settings.limit_contract_code_size = Some(usize::MAX);
    settings.limit_contract_initcode_size = Some(usize::MAX);
    settings
}

fn block(at: Moment) -> BlockEnv {
    BlockEnv {
        number: U256::from(at.number),
        timestamp: U256::from(at.time),
        gas_limit: GAS_LIMIT,
        ..BlockEnv::default()
    }
}

fn transaction(from: Address, to: TxKind, data: Bytes) -> TxEnv {
    TxEnv {
        caller: from,
        kind: to,
        data,
        gas_limit: GAS_LIMIT,
        gas_price: 0,
        chain_id: Some(CHAIN_ID),
        ..TxEnv::default()
    }
}

fn outcome(result: ExecutionResult) -> Outcome {
    match result {
        ExecutionResult::Success { output, logs, .. } => Outcome::Done {
            output: output.into_data(),
            logs,
        },
        ExecutionResult::Revert { output, .. } => Outcome::Reverted(output),
        ExecutionResult::Halt { reason, .. } => Outcome::Halted(format!("{reason:?}")),
    }
}

/// Runs a transaction and keeps what it changes.
pub(super) fn execute(db: &mut Db, at: Moment, from: Address, to: TxKind, data: Bytes) -> Outcome {
    let mut evm = Context::mainnet()
        .with_db(db)
        .with_cfg(settings())
        .with_block(block(at))
        .build_mainnet();
    match evm.transact_commit(transaction(from, to, data)) {
        Ok(result) => outcome(result),
        Err(error) => Outcome::Halted(error.to_string()),
    }
}

/// Runs a call and keeps nothing.
pub(super) fn call(db: &Db, at: Moment, from: Address, to: Address, data: Bytes) -> Outcome {
    let mut evm = Context::mainnet()
        .with_db(CacheDB::new(db))
        .with_cfg(settings())
        .with_block(block(at))
        .build_mainnet();
    match evm.transact(transaction(from, TxKind::Call(to), data)) {
        Ok(ran) => outcome(ran.result),
        Err(error) => Outcome::Halted(error.to_string()),
    }
}
