//! Any text: reading it never panics, and what is read is written as the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offpay_protocol::wire::Code;

fuzz_target!(|text: &str| {
    let Ok(code) = Code::parse(text) else { return };
    if text.starts_with("OP1:") {
        assert_eq!(code.to_text().expect("it was short enough to read"), text);
    }
    let link = code.to_link("https://pay.example/p").expect("it was short enough to read");
    assert_eq!(Code::parse(&link).expect("its own link"), code);
});
