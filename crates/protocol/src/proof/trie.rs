//! Walking a Merkle-Patricia proof.
//!
//! `alloy-trie` decodes the nodes; the walk is ours. Its own `verify_proof` (0.9.9) asserts that the path it has
//! walked never exceeds 64 nibbles, which a node that makes up the root as well can bring about; and it wants to be
//! told the value that it should find.

use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::Decodable;
use alloy_trie::{
    EMPTY_ROOT_HASH,
    nodes::{BranchNode, RlpNode, TrieNode},
};

use super::ProofError;

/// The longest proof that is read, in nodes: one for each nibble of the path, and the leaf.
pub const LONGEST_PROOF: usize = 65;

/// Where a step down the trie leads.
enum Step {
    /// To a child: by its hash, or itself if it is shorter than that.
    Child(RlpNode),
    /// To the value at the path.
    Value(Vec<u8>),
    /// Nowhere: there is nothing at the path.
    Absent,
}

/// What is at `key` in the trie with this root: its value, or `None` where the proof shows that there is nothing.
pub(super) fn lookup(
    root: B256,
    key: B256,
    proof: &[Bytes],
) -> Result<Option<Vec<u8>>, ProofError> {
    if proof.len() > LONGEST_PROOF {
        return Err(ProofError::TooLong);
    }
    let mut nodes = proof.iter();
    let nibbles: Vec<u8> = key
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .collect();
    let mut path = nibbles.as_slice();

    if root == EMPTY_ROOT_HASH {
        // Nodes answer with no node at all, or with the empty one.
        let empty = nodes
            .next()
            .is_none_or(|node| node.as_ref() == [alloy_rlp::EMPTY_STRING_CODE]);
        return if empty {
            end(nodes, None)
        } else {
            Err(ProofError::OtherNode)
        };
    }
    let mut node = fetch(root, &mut nodes)?;
    loop {
        match descend(node, &mut path)? {
            Step::Value(value) => return end(nodes, Some(value)),
            Step::Absent => return end(nodes, None),
            Step::Child(child) => {
                node = match child.as_hash() {
                    Some(hash) => fetch(hash, &mut nodes)?,
                    // A child within its parent is shorter than it, so this comes to an end.
                    None => parse(&child)?,
                };
            }
        }
    }
}

/// The next node of the proof, which must be the one with this hash.
fn fetch<'a>(
    hash: B256,
    nodes: &mut impl Iterator<Item = &'a Bytes>,
) -> Result<TrieNode, ProofError> {
    let node = nodes.next().ok_or(ProofError::Incomplete)?;
    if keccak256(node) != hash {
        return Err(ProofError::OtherNode);
    }
    parse(node)
}

fn parse(mut rlp: &[u8]) -> Result<TrieNode, ProofError> {
    let node = TrieNode::decode(&mut rlp).map_err(ProofError::Malformed)?;
    if rlp.is_empty() {
        Ok(node)
    } else {
        Err(ProofError::Malformed(alloy_rlp::Error::UnexpectedLength))
    }
}

/// Takes one node's part off the path.
fn descend(node: TrieNode, path: &mut &[u8]) -> Result<Step, ProofError> {
    match node {
        // Only a whole trie is empty, never a part of one.
        TrieNode::EmptyRoot => Err(ProofError::Malformed(alloy_rlp::Error::UnexpectedString)),
        TrieNode::Branch(branch) => {
            let (nibble, rest) = path.split_first().ok_or(ProofError::Incomplete)?;
            *path = rest;
            Ok(child(&branch, *nibble).map_or(Step::Absent, Step::Child))
        }
        TrieNode::Extension(extension) => {
            match path.strip_prefix(extension.key.to_vec().as_slice()) {
                Some(rest) => {
                    *path = rest;
                    Ok(Step::Child(extension.child))
                }
                None => Ok(Step::Absent),
            }
        }
        TrieNode::Leaf(leaf) if leaf.key.to_vec() == *path => Ok(Step::Value(leaf.value)),
        TrieNode::Leaf(_) => Ok(Step::Absent),
    }
}

fn child(branch: &BranchNode, nibble: u8) -> Option<RlpNode> {
    let branch = branch.as_ref();
    let mut children = branch.children();
    children
        .find(|(index, _)| *index == nibble)
        .and_then(|(_, child)| child.cloned())
}

fn end<'a>(
    mut nodes: impl Iterator<Item = &'a Bytes>,
    value: Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, ProofError> {
    match nodes.next() {
        None => Ok(value),
        Some(_) => Err(ProofError::Surplus),
    }
}
