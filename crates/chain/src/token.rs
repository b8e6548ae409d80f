//! The ERC-20 that a contract holds.

use alloy::{
    eips::BlockId,
    primitives::{Address, B256, Bytes, TxHash, U256, keccak256},
    sol_types::{SolCall, SolValue},
};
use offpay_protocol::{Amount, Signature, SigningKey};

use crate::{
    ChainError, Node, Sender,
    bindings::{
        OffPayToken::mintCall,
        Token::{
            DOMAIN_SEPARATORCall, allowanceCall, approveCall, balanceOfCall, decimalsCall,
            noncesCall, symbolCall, transferCall,
        },
    },
    contract::ask,
    transaction::Call,
};

/// An ERC-20, seen through one node.
#[derive(Clone, Debug)]
pub struct Token {
    node: Node,
    address: Address,
}

/// A token transaction that is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenMoved {
    /// The transaction.
    pub tx: TxHash,
    /// Gas that it used.
    pub gas_used: u64,
}

impl Token {
    /// The token at an address.
    pub fn new(node: &Node, address: Address) -> Self {
        Self {
            node: node.clone(),
            address,
        }
    }

    /// Its address.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Digits after the point of what people call one token.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or the token does not say.
    pub async fn decimals(&self) -> Result<u8, ChainError> {
        self.view(decimalsCall {}).await
    }

    /// Its short name.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or the token does not say.
    pub async fn symbol(&self) -> Result<String, ChainError> {
        self.view(symbolCall {}).await
    }

    /// What an address has, in base units.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn balance(&self, account: Address) -> Result<U256, ChainError> {
        self.view(balanceOfCall { account }).await
    }

    /// What `spender` may take from `owner`, in base units.
    ///
    /// # Errors
    ///
    /// The node cannot be asked.
    pub async fn allowance(&self, owner: Address, spender: Address) -> Result<U256, ChainError> {
        self.view(allowanceCall { owner, spender }).await
    }

    /// Lets `spender` take so much of the sender's tokens.
    ///
    /// # Errors
    ///
    /// As for any transaction.
    pub async fn approve(
        &self,
        sender: &Sender,
        spender: Address,
        amount: Amount,
    ) -> Result<TokenMoved, ChainError> {
        self.send(
            sender,
            &approveCall {
                spender,
                amount: U256::from(amount.get()),
            },
        )
        .await
    }

    /// Sends the sender's tokens to `to`.
    ///
    /// # Errors
    ///
    /// As for any transaction.
    pub async fn transfer(
        &self,
        sender: &Sender,
        to: Address,
        amount: Amount,
    ) -> Result<TokenMoved, ChainError> {
        self.send(
            sender,
            &transferCall {
                to,
                amount: U256::from(amount.get()),
            },
        )
        .await
    }

    /// Makes tokens, where the sender owns the token contract of a test network.
    ///
    /// # Errors
    ///
    /// As for any transaction.
    pub async fn mint(
        &self,
        sender: &Sender,
        to: Address,
        amount: Amount,
    ) -> Result<TokenMoved, ChainError> {
        self.send(
            sender,
            &mintCall {
                to,
                amount: U256::from(amount.get()),
            },
        )
        .await
    }

    /// Signs an EIP-2612 permit: that `spender` may take so much of the key's tokens until `deadline`.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or the token has no permits.
    pub async fn permit(
        &self,
        key: &SigningKey,
        spender: Address,
        amount: Amount,
        deadline: U256,
    ) -> Result<Signature, ChainError> {
        let digest = self
            .permit_digest(key.address(), spender, amount, deadline)
            .await?;
        Ok(key.sign(digest)?)
    }

    /// What the owner's key signs for an EIP-2612 permit, where that key is held elsewhere.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or the token has no permits.
    pub async fn permit_digest(
        &self,
        owner: Address,
        spender: Address,
        amount: Amount,
        deadline: U256,
    ) -> Result<B256, ChainError> {
        let (separator, nonce) = tokio::try_join!(
            self.view(DOMAIN_SEPARATORCall {}),
            self.view(noncesCall { owner })
        )?;
        let permit = permit_hash(owner, spender, amount, nonce, deadline);
        Ok(keccak256(
            [&[0x19, 0x01][..], separator.as_slice(), permit.as_slice()].concat(),
        ))
    }

    /// The ABI-encoded call that makes tokens, for a transaction that is stored before it is sent.
    pub fn mint_calldata(to: Address, amount: Amount) -> Bytes {
        let amount = U256::from(amount.get());
        mintCall { to, amount }.abi_encode().into()
    }

    /// The ABI-encoded call that lets `spender` take so many of the sender's tokens, for a transaction that is stored
    /// before it is sent.
    pub fn approve_calldata(spender: Address, amount: U256) -> Bytes {
        approveCall { spender, amount }.abi_encode().into()
    }

    async fn view<C: SolCall>(&self, call: C) -> Result<C::Return, ChainError> {
        ask(&self.node, self.address, &call, BlockId::latest()).await
    }

    async fn send(&self, sender: &Sender, call: &impl SolCall) -> Result<TokenMoved, ChainError> {
        let input: Bytes = call.abi_encode().into();
        let signed = Call::to(self.address, input)
            .sign(&self.node, sender)
            .await?;
        let receipt = signed.send(&self.node).await?;
        Ok(TokenMoved {
            tx: receipt.transaction_hash,
            gas_used: receipt.gas_used,
        })
    }
}

/// The struct hash of EIP-2612.
fn permit_hash(
    owner: Address,
    spender: Address,
    amount: Amount,
    nonce: U256,
    deadline: U256,
) -> B256 {
    let type_hash = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
    );
    keccak256(
        (
            type_hash,
            owner,
            spender,
            U256::from(amount.get()),
            nonce,
            deadline,
        )
            .abi_encode(),
    )
}
