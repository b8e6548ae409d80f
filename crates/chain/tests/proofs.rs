//! Proofs from true nodes and from lying ones.
#![allow(missing_docs)]

mod support;

use offpay_chain::{
    ChainError, LocalChain, LocalChainOptions, Node, ProofBlock, ProveError,
    proof::{PaymentProof, Witnesses},
    prove_payment,
};
use offpay_protocol::{AccountId, PurseKey, proof::ProofError};
use support::{World, account, key, lying_node::LyingNode, units};

async fn paid() -> (World, PurseKey, AccountId) {
    let world = World::new().await;
    let (owner, purse_key, shop) = (world.person("owner").await, key("purse"), account(1));
    let purse = world.purse(&owner, &purse_key, 1_000, 500).await;
    let payment = world.payment(&purse_key, shop, 0, 300, 300);
    world
        .contract
        .settle(&payment)
        .unwrap()
        .send(&owner)
        .await
        .unwrap();
    world.chain.mine(2).await.unwrap();
    (world, purse, shop)
}

async fn prove(
    (world, purse, shop): &(World, PurseKey, AccountId),
    node: &Node,
    second: Option<&Node>,
    block: ProofBlock,
) -> Result<PaymentProof, ProveError> {
    prove_payment(node, second, world.contract.address(), *purse, *shop, block).await
}

#[tokio::test]
async fn what_was_paid_is_proven() {
    let paid = paid().await;
    let node = paid.0.chain.node();
    let proof = prove(&paid, node, Some(node), ProofBlock::Finalized)
        .await
        .unwrap();
    assert_eq!(
        (proof.paid, proof.anchor.witnesses),
        (units(300), Witnesses::Two)
    );
    assert!(proof.covers(units(300)) && !proof.covers(units(301)));
    // It can be checked again by anybody, with nothing but the block's hash.
    let header =
        offpay_protocol::proof::check_header(&proof.anchor.rlp, proof.anchor.header.hash).unwrap();
    let again = proof
        .nodes
        .paid_to(header.state_root, proof.contract, proof.purse, proof.payee);
    assert_eq!(again, Ok(units(300)));

    let (world, purse, _) = &paid;
    let nobody = prove_payment(
        node,
        None,
        world.contract.address(),
        *purse,
        account(2),
        ProofBlock::Latest,
    );
    assert_eq!(nobody.await.unwrap().paid, units(0));
    let nowhere = prove_payment(
        node,
        None,
        account(9).address(),
        *purse,
        account(2),
        ProofBlock::Latest,
    );
    assert!(matches!(
        nowhere.await,
        Err(ProveError::Proof(ProofError::NoContract(_)))
    ));
}

#[tokio::test]
async fn an_old_block_proves_the_old_state() {
    let paid = paid().await;
    let node = paid.0.chain.node();
    let proof = prove(&paid, node, None, ProofBlock::Number(3))
        .await
        .unwrap();
    assert_eq!((proof.paid, proof.anchor.header.number), (units(0), 3));
    let future = prove(&paid, node, None, ProofBlock::Number(999)).await;
    assert!(matches!(
        future,
        Err(ProveError::Chain(ChainError::NoSuchBlock))
    ));
}

#[tokio::test]
async fn a_node_that_makes_up_the_value_is_found_out() {
    let paid = paid().await;
    let lies: [fn(&str, String) -> String; 3] = [
        // Another value in the leaf: 300 is 0x012c.
        |question, answer| {
            if question.contains("eth_getProof") {
                answer.replace("82012c", "82012d")
            } else {
                answer
            }
        },
        // Another state root in the header.
        |question, answer| {
            if question.contains("eth_getBlock") {
                answer
                    .replacen("\"stateRoot\":\"0x", "\"stateRoot\":\"0x00", 1)
                    .replacen("00\",", "\",", 1)
            } else {
                answer
            }
        },
        // No nodes at all.
        |question, answer| match (
            question.contains("eth_getProof"),
            answer.find("\"storageProof\""),
        ) {
            (true, Some(at)) => format!("{}\"storageProof\":[]}}}}", &answer[..at]),
            _ => answer,
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let liar = LyingNode::start(paid.0.chain.url(), lie);
        let node = Node::connect(&liar.url).await.unwrap();
        let proof = prove(&paid, &node, None, ProofBlock::Finalized).await;
        assert!(proof.is_err(), "lie {number} was believed: {proof:?}");
    }
}

#[tokio::test]
async fn a_second_node_finds_out_a_forked_first_one() {
    let paid = paid().await;
    let honest = paid.0.chain.node();
    let options = LocalChainOptions {
        slots_in_an_epoch: Some(1),
        ..Default::default()
    };
    let other = LocalChain::start(&options).await.unwrap();
    other.mine(50).await.unwrap();
    let forked = prove(&paid, other.node(), Some(honest), ProofBlock::Finalized).await;
    let Err(error @ ProveError::Disagreement { .. }) = forked else {
        panic!("{forked:?}")
    };
    assert!(error.is_retryable());
    assert_eq!(error.code(), "nodes_disagree");
}

/// A second node that is behind only lowers the block.
#[tokio::test]
async fn the_lower_head_counts() {
    let paid = paid().await;
    let (world, node) = (&paid.0, paid.0.chain.node());
    let behind = LyingNode::start(world.chain.url(), |question, answer| {
        if question.contains("finalized") {
            ask_for_block_five(&answer)
        } else {
            answer
        }
    });
    let behind = Node::connect(&behind.url).await.unwrap();
    let proof = prove(&paid, node, Some(&behind), ProofBlock::Finalized)
        .await
        .unwrap();
    assert_eq!((proof.anchor.header.number, proof.paid), (5, units(0)));
}

/// The same block with another number: what is compared afterwards is what the node says of that number.
fn ask_for_block_five(answer: &str) -> String {
    let at = answer.find("\"number\":\"").unwrap() + 10;
    let end = at + answer[at..].find('"').unwrap();
    format!("{}0x5{}", &answer[..at], &answer[end..])
}
