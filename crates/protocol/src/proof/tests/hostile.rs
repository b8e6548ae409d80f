//! A node that makes up the root together with the proof can make anything hash to anything.

use alloy_trie::{
    Nibbles, TrieMask,
    nodes::{BranchNode, ExtensionNode, LeafNode, RlpNode, TrieNode},
};
use proptest::prelude::*;

use super::*;

fn encode(node: &TrieNode) -> Bytes {
    alloy_rlp::encode(node).into()
}

/// Nodes from the last to the first, each named by the hash of the one after it.
fn chain(
    leaf: &TrieNode,
    above: impl IntoIterator<Item = fn(RlpNode) -> TrieNode>,
) -> (B256, Vec<Bytes>) {
    let mut nodes = vec![encode(leaf)];
    for wrap in above {
        let child = RlpNode::word_rlp(&keccak256(&nodes[0]));
        nodes.insert(0, encode(&wrap(child)));
    }
    (keccak256(&nodes[0]), nodes)
}

fn branch(child: RlpNode) -> TrieNode {
    TrieNode::Branch(BranchNode::new(vec![child], TrieMask::new(1)))
}

fn extension(child: RlpNode) -> TrieNode {
    TrieNode::Extension(ExtensionNode::new(Nibbles::unpack([0; 31]), child))
}

fn empty_extension(child: RlpNode) -> TrieNode {
    TrieNode::Extension(ExtensionNode::new(Nibbles::new(), child))
}

fn leaf(nibbles: usize) -> TrieNode {
    TrieNode::Leaf(LeafNode::new(
        Nibbles::from_nibbles(vec![0; nibbles]),
        vec![1],
    ))
}

#[test]
fn a_path_longer_than_a_key_is_no_path() {
    type Wrap = fn(RlpNode) -> TrieNode;
    // alloy-trie 0.9.9's own verifier asserts on the first of these.
    let (root, proof) = chain(&leaf(64), [branch as Wrap]);
    assert_eq!(trie::lookup(root, B256::ZERO, &proof), Ok(None));
    let (root, proof) = chain(&leaf(4), [extension as Wrap]);
    assert_eq!(trie::lookup(root, B256::ZERO, &proof), Ok(None));
    let (root, proof) = chain(&leaf(0), [extension as Wrap, extension as Wrap]);
    assert_eq!(
        trie::lookup(root, B256::ZERO, &proof),
        Err(ProofError::Surplus)
    );
    let (root, proof) = chain(&leaf(0), [branch as Wrap; 64]);
    assert_eq!(trie::lookup(root, B256::ZERO, &proof), Ok(Some(vec![1])));
    let (root, mut proof) = chain(&leaf(0), [branch as Wrap; 65]);
    assert_eq!(
        trie::lookup(root, B256::ZERO, &proof),
        Err(ProofError::TooLong)
    );
    proof.pop();
    assert_eq!(
        trie::lookup(root, B256::ZERO, &proof),
        Err(ProofError::Incomplete)
    );
    let (root, proof) = chain(&leaf(64), [empty_extension as Wrap; 64]);
    assert_eq!(trie::lookup(root, B256::ZERO, &proof), Ok(Some(vec![1])));
}

#[test]
fn bytes_after_a_node_are_refused() {
    let mut node = encode(&leaf(64)).to_vec();
    node.push(0);
    let root = keccak256(&node);
    assert!(matches!(
        trie::lookup(root, B256::ZERO, &[node.into()]),
        Err(ProofError::Malformed(_))
    ));
}

#[test]
fn headers_that_are_none() {
    for rlp in [
        &[][..],
        &[0x80],
        &[0xc0],
        &[0xc1, 0x80],
        &[0xc0, 0x00],
        &[0xff; 9],
    ] {
        assert!(matches!(
            check_header(rlp, keccak256(rlp)),
            Err(ProofError::Malformed(_))
        ));
    }
    let long = vec![0; LONGEST_HEADER + 1];
    assert_eq!(
        check_header(&long, keccak256(&long)),
        Err(ProofError::TooLong)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any bytes as a node that hashes right: read or refused, never a panic.
    #[test]
    fn any_node(node in prop::collection::vec(any::<u8>(), 0..80), key: [u8; 32]) {
        let _ = trie::lookup(keccak256(&node), key.into(), &[node.into()]);
    }

    #[test]
    fn any_items(items in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20), key: [u8; 32]) {
        let mut node = Vec::new();
        let items: Vec<Bytes> = items.into_iter().map(Bytes::from).collect();
        alloy_rlp::encode_list::<Bytes, Bytes>(&items, &mut node);
        let _ = trie::lookup(keccak256(&node), key.into(), &[node.clone().into()]);
        let _ = check_header(&node, keccak256(&node));
    }

    #[test]
    fn any_header(rlp in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = check_header(&rlp, keccak256(&rlp));
    }
}
