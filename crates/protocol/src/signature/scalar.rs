//! Ranges of the two numbers in a signature, compared as big-endian bytes.

use alloy_primitives::hex;

/// The order of secp256k1.
const ORDER: [u8; 32] = hex!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
/// Half of it, rounded down: the highest `s` that EIP-2 lets pass.
const HALF_ORDER: [u8; 32] =
    hex!("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/// Whether the number is neither zero nor the order or above it.
pub(super) fn is_below_order(scalar: &[u8]) -> bool {
    scalar.iter().any(|byte| *byte != 0) && scalar < ORDER.as_slice()
}

/// Whether the number is in the upper half.
pub(super) fn is_high(scalar: &[u8]) -> bool {
    scalar > HALF_ORDER.as_slice()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;

    use super::*;

    #[test]
    fn the_edges() {
        let order = U256::from_be_bytes(ORDER);
        let half = U256::from_be_bytes(HALF_ORDER);
        assert_eq!(half, order >> 1);
        assert!(!is_below_order(&[0; 32]));
        assert!(!is_below_order(&ORDER));
        assert!(is_below_order(&(order - U256::from(1)).to_be_bytes::<32>()));
        assert!(!is_high(&HALF_ORDER));
        assert!(is_high(&(half + U256::from(1)).to_be_bytes::<32>()));
    }
}
