//! Other people's tokens, and what the contract tells about them.
#![allow(missing_docs)]

mod support;

use alloy::primitives::{B256, U256};
use offpay_chain::{
    ContractError, Token,
    bindings::OffPay::OffPayEvents,
    contract::{Authorization, Contract},
    deploy_contract,
};
use offpay_protocol::{Amount, Signature};
use support::{World, account, configuration, units};

/// Whoever holds some finds out before deploying; the contract itself refuses it at every deposit.
#[tokio::test]
async fn a_token_that_takes_a_fee_is_refused() {
    let world = World::new().await;
    let token = world
        .foreign_token(include_str!("tokens/FeeToken.hex"))
        .await;
    let (node, operator) = (world.chain.node(), &world.operator);
    let refused = deploy_contract(node, operator, &configuration(token))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "TokenTookFee");

    let poor = world.chain.sender("holds nothing").await.unwrap();
    let (contract, _) = deploy_contract(node, &poor, &configuration(token))
        .await
        .unwrap();
    Token::new(node, token)
        .approve(operator, contract.address(), Amount::MAX)
        .await
        .unwrap();
    let refused = contract
        .deposit(units(1_000))
        .send(operator)
        .await
        .unwrap_err();
    let expected = ContractError::TokenTookFee {
        expected: units(1_000),
        received: units(990),
    };
    assert_eq!(refused.refusal(), Some(&expected));
}

#[tokio::test]
async fn a_deposit_by_authorization() {
    let world = World::new().await;
    let token = world
        .foreign_token(include_str!("tokens/AuthorizationToken.hex"))
        .await;
    let operator = &world.operator;
    let (contract, _) = deploy_contract(world.chain.node(), operator, &configuration(token))
        .await
        .unwrap();
    let deposit = Authorization {
        from: operator.address(),
        owner: account(7),
        amount: units(500),
        valid_after: U256::ZERO,
        valid_before: U256::MAX,
        salt: B256::repeat_byte(3),
    };
    let signature = Signature::from_compact([1; 64]).unwrap();
    let operation = contract.deposit_with_authorization(&deposit, &signature);
    let anybody = world.chain.sender("anybody").await.unwrap();
    operation.send(&anybody).await.unwrap();
    assert_eq!(
        contract.account(account(7)).await.unwrap().balance,
        units(500)
    );
    let again = operation.send(&anybody).await.unwrap_err();
    assert_eq!(again.to_string(), "refused: used");
}

#[tokio::test]
async fn events_tell_what_happened() {
    let world = World::new().await;
    let begin = world
        .chain
        .node()
        .block(offpay_chain::BlockId::latest())
        .await
        .unwrap()
        .number;
    world.person("owner").await;
    let contract: &Contract = &world.contract;
    let end = world
        .chain
        .node()
        .block(offpay_chain::BlockId::latest())
        .await
        .unwrap();
    let told = contract.events(begin + 1..=end.number).await.unwrap();
    let kinds: Vec<_> = told
        .iter()
        .map(|told| match told.event {
            OffPayEvents::CollateralDeposited(_) => "collateral",
            OffPayEvents::RegistrationChanged(_) => "registration",
            OffPayEvents::Deposited(_) => "deposit",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["collateral", "registration", "deposit"]);
    assert!(
        told.windows(2)
            .all(|pair| (pair[0].block, pair[0].index) < (pair[1].block, pair[1].index))
    );
    let last = told.last().unwrap();
    assert_eq!((last.block, last.block_hash), (end.number, end.hash));
    assert_eq!(
        contract.events_in(end.hash).await.unwrap(),
        std::slice::from_ref(last)
    );
    assert!(contract.events_in(B256::repeat_byte(9)).await.is_err());
}
