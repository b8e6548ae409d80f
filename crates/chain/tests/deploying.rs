//! Deterministic deployment and the guard of `Contract::open`.
#![allow(missing_docs)]

mod support;

use offpay_chain::{
    BlockId, Contract, DeployError, Deployment, LocalChain, LocalChainOptions, OpenError,
    deploy::{contract_address, token_address},
    deploy_contract, deploy_token,
};
use offpay_protocol::Seconds;
use support::{World, configuration};

async fn chain(chain_id: u64, without_deployer: bool) -> LocalChain {
    let options = LocalChainOptions {
        chain_id: Some(chain_id),
        without_deployer,
        ..Default::default()
    };
    LocalChain::start(&options).await.unwrap()
}

#[tokio::test]
async fn the_same_parameters_give_the_same_address_on_every_chain() {
    let mut found = Vec::new();
    for (chain_id, without_deployer, deployer) in [(1, false, "first"), (31337, true, "second")] {
        let chain = chain(chain_id, without_deployer).await;
        let sender = chain.sender(deployer).await.unwrap();
        let owner = support::account(3).address();
        let token = deploy_token(chain.node(), &sender, owner).await.unwrap();
        assert_eq!(token.address, token_address(owner));
        let configuration = configuration(token.address);
        let (contract, deployment) = deploy_contract(chain.node(), &sender, &configuration)
            .await
            .unwrap();
        assert_eq!(contract.address(), contract_address(&configuration));
        assert_eq!(
            (deployment.chain_id, deployment.deployer),
            (chain_id, Some(sender.address()))
        );
        assert_eq!(contract.domain().chain_id(), chain_id);

        // Again, by somebody else: found, with the transaction that brought it there.
        let other = chain.sender("somebody else").await.unwrap();
        let before = chain.node().block(BlockId::latest()).await.unwrap();
        let (_, again) = deploy_contract(chain.node(), &other, &configuration)
            .await
            .unwrap();
        assert_eq!(again, deployment);
        assert_eq!(chain.node().block(BlockId::latest()).await.unwrap(), before);
        found.push(contract.address());
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test]
async fn other_parameters_give_another_address() {
    let configuration = configuration(support::account(1).address());
    let mut other = configuration;
    other.parameters.close_delay = Seconds::days(8);
    assert_ne!(contract_address(&configuration), contract_address(&other));
    other.parameters.close_delay = Seconds::HOUR;
    assert!(matches!(
        other.check(),
        Err(DeployError::InvalidConfiguration)
    ));
}

#[tokio::test]
async fn the_guard_names_what_is_wrong() {
    let world = World::new().await;
    let node = world.chain.node();
    let nowhere = Contract::open(node, support::account(9).address()).await;
    assert!(
        matches!(nowhere, Err(OpenError::NoCode { .. })),
        "{nowhere:?}"
    );
    let token = Contract::open(node, world.token.address()).await;
    assert!(
        matches!(token, Err(OpenError::NotOffPay { .. })),
        "{token:?}"
    );
    let deployer = Contract::open(node, offpay_chain::deploy::DEPLOYER).await;
    assert!(
        matches!(deployer, Err(OpenError::NotOffPay { .. })),
        "{deployer:?}"
    );

    let sender = world.operator.clone();
    let (_, deployment) = deploy_contract(node, &sender, world.contract.configuration())
        .await
        .unwrap();
    assert!(Contract::open_deployment(node, &deployment).await.is_ok());
    let elsewhere = Deployment {
        chain_id: 5,
        ..deployment.clone()
    };
    let wrong = Contract::open_deployment(node, &elsewhere).await;
    assert!(
        matches!(
            wrong,
            Err(OpenError::WrongChain {
                expected: 5,
                actual: 31337
            })
        ),
        "{wrong:?}"
    );
    let treasury = Deployment {
        treasury: support::account(8),
        ..deployment
    };
    let wrong = Contract::open_deployment(node, &treasury).await;
    assert!(
        matches!(wrong, Err(OpenError::OtherConfiguration { .. })),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn a_deployment_file_reads_back() {
    let world = World::new().await;
    let (_, deployment) = deploy_contract(
        world.chain.node(),
        &world.operator,
        world.contract.configuration(),
    )
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deployment.json");
    deployment.write(&path).unwrap();
    assert_eq!(Deployment::read(&path).unwrap(), deployment);
    let text = std::fs::read_to_string(&path).unwrap();
    for field in [
        "chainId",
        "token",
        "contract",
        "treasury",
        "parameters",
        "block",
        "tx",
        "deployer",
    ] {
        assert!(
            text.contains(&format!("\"{field}\"")),
            "{field} is missing in {text}"
        );
    }
    std::fs::write(&path, text.replace("chainId", "chain")).unwrap();
    assert_eq!(
        Deployment::read(&path).unwrap_err().code(),
        "malformed_deployment"
    );
}
