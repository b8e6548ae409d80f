//! The words that made-up requests are written in: what endpoints take, and what they ought to refuse.

use serde_json::{Value, json};

use super::choices::Choices;

/// What is taken somewhere, or almost.
const TEXTS: [&str; 34] = [
    "1",
    "0",
    "-1",
    "00",
    "1.5",
    "1000000000000000000",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "340282366920938463463374607431768211456",
    "0x",
    "0x00000000000000000000000000000000000000aa",
    "0x00000000000000000000000000000000000000AA",
    "0x0000000000000000000000000000000000000000",
    "0x00000000000000000000000000000000000000000000000000000000000000aa",
    "0xgg",
    "01890000-0000-7000-8000-000000000000",
    "00000000-0000-0000-0000-000000000000",
    "current",
    "ana",
    "@ana",
    "correct horse battery",
    "another staple tonight",
    "123456",
    "https://shop.example/offpay",
    "http://127.0.0.1:1/",
    "OP1:",
    "OP1:6BFWE",
    "read",
    "manage",
    "../../v1/me",
    "%00",
    "\u{0}",
    "\u{202e}\u{1f4b6}é",
    "",
];

/// The texts, and the names of who is there.
pub(crate) struct Words {
    /// Users' ids and accounts.
    pub(crate) known: Vec<String>,
}

impl Words {
    pub(crate) fn text(&self, choices: &mut Choices<'_>) -> String {
        match choices.below(8) {
            0 => String::from_utf8_lossy(choices.raw()).into_owned(),
            1 | 2 if !self.known.is_empty() => self.known[choices.below(self.known.len())].clone(),
            3 if choices.once_in(4) => choices.of(&TEXTS).repeat(choices.below(300)),
            4 => format!("0x{}", "5a".repeat(choices.of(&[20, 32, 64, 65, 1]))),
            _ => choices.of(&TEXTS).to_owned(),
        }
    }

    /// What belongs nowhere.
    pub(crate) fn odd(&self, choices: &mut Choices<'_>) -> Value {
        match choices.below(8) {
            0 => Value::Null,
            1 => json!([]),
            2 => json!({}),
            3 => json!(-1),
            4 => json!(1e300),
            5 => (0..choices.below(200)).fold(json!(1), |inner, _| json!([inner])),
            6 => json!(true),
            _ => json!(self.text(choices)),
        }
    }

    /// A part of a path: letters that have no place there are escaped, for the most part rightly.
    pub(crate) fn segment(&self, choices: &mut Choices<'_>) -> String {
        use std::fmt::Write as _;
        let mut segment = String::new();
        for byte in self.text(choices).bytes().take(400) {
            if byte.is_ascii_alphanumeric() || b"-_.~@:".contains(&byte) {
                segment.push(char::from(byte));
            } else {
                let _ = write!(segment, "%{byte:02x}");
            }
        }
        if choices.once_in(24) {
            segment.push_str(choices.of(&["%", "%2f", "%ff", "//", ";", "%2e%2e", "+", "%c3"]));
        }
        segment
    }
}
