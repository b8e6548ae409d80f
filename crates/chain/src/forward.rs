//! Questions of others, handed on to a node as they are.

use alloy::{providers::Provider as _, rpc::json_rpc::RpcError};
use serde_json::{Value, value::RawValue};

use crate::{ChainError, Node};

/// What a node answered to a question that was handed on.
#[derive(Clone, Debug)]
pub enum Forwarded {
    /// What was asked for.
    Result(Box<RawValue>),
    /// An error of its own, as JSON-RPC has it.
    Refused {
        /// The number of its kind.
        code: i64,
        /// For people.
        message: String,
        /// For programs: why a call was reverted, for one.
        data: Option<Box<RawValue>>,
    },
}

impl Node {
    /// Hands a question on. Whether it may be asked is for the caller to decide.
    ///
    /// # Errors
    ///
    /// [`ChainError::Unreachable`]: the node does not answer, or what it answers makes no sense.
    pub async fn forward(
        &self,
        method: &'static str,
        parameters: Value,
    ) -> Result<Forwarded, ChainError> {
        match self
            .provider()
            .raw_request::<_, Box<RawValue>>(method.into(), parameters)
            .await
        {
            Ok(result) => Ok(Forwarded::Result(result)),
            Err(RpcError::ErrorResp(payload)) => Ok(Forwarded::Refused {
                code: payload.code,
                message: payload.message.into_owned(),
                data: payload.data,
            }),
            // `eth_getTransactionReceipt` of an unknown transaction, `eth_getBlockByNumber` of a block to come.
            Err(RpcError::NullResp) => Ok(Forwarded::Result(RawValue::NULL.to_owned())),
            Err(error) => Err(ChainError::from(error)),
        }
    }
}
