//! Any JSON as a signed message in full: reading it never panics, and writing and reading it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offpay_protocol::wire::full::Full;

fuzz_target!(|text: &[u8]| {
    let Ok(full) = serde_json::from_slice::<Full>(text) else { return };
    let written = serde_json::to_vec(&full).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<Full>(&written).expect("its own JSON"), full);
    if let Ok(cbor) = full.to_cbor() {
        assert_eq!(Full::from_cbor(&cbor).expect("its own CBOR"), full);
    }
});
