//! Any CBOR as a signed message in full: reading it never panics, and what is read is written as the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offpay_protocol::wire::full::Full;

fuzz_target!(|bytes: &[u8]| {
    let Ok(full) = Full::from_cbor(bytes) else { return };
    assert_eq!(full.to_cbor().expect("it was short enough to read"), bytes);
    let json = serde_json::to_vec(&full).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<Full>(&json).expect("its own JSON"), full);
});
