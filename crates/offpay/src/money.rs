//! Amounts as people write them.

use anyhow::{Context, Result};
use offpay_chain::{Contract, Token};
use offpay_protocol::Amount;

/// $OFFPAY's digits after the point.
pub(crate) const DECIMALS: u8 = 18;

/// How many of them people are shown.
const SHOWN: usize = 4;

/// Whole tokens with at most four digits after the point; what lies below is cut off.
pub(crate) fn show(amount: Amount, decimals: u8) -> String {
    let text = amount.format_units(decimals);
    let Some((whole, fraction)) = text.split_once('.') else {
        return text;
    };
    let shown: String = fraction.chars().take(SHOWN).collect();
    match shown.trim_end_matches('0') {
        "" if whole == "0" => "<0.0001".to_owned(),
        "" => whole.to_owned(),
        shown => format!("{whole}.{shown}"),
    }
}

/// How the amounts of a token are shown.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    decimals: u8,
    symbol: String,
}

impl Unit {
    /// As the contract's token says. A token that does not say is shown in base units.
    pub(crate) async fn of(contract: &Contract) -> Self {
        let token = Token::new(contract.node(), contract.configuration().token);
        match (token.decimals().await, token.symbol().await) {
            (Ok(decimals), Ok(symbol)) => Self { decimals, symbol },
            _ => Self {
                decimals: 0,
                symbol: "base units".to_owned(),
            },
        }
    }

    /// An amount to its last digit, with its unit.
    pub(crate) fn show(&self, amount: Amount) -> String {
        format!("{} {}", amount.format_units(self.decimals), self.symbol)
    }
}

/// An amount of $OFFPAY, in whole tokens.
pub(crate) fn offpay(text: &str) -> Result<Amount> {
    Amount::parse_units(text, DECIMALS)
        .with_context(|| format!("{text} is not an amount of OFFPAY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_enough() {
        for (text, shown) in [
            ("12.5", "12.5"),
            ("0.12345", "0.1234"),
            ("3.00001", "3"),
            ("0.00001", "<0.0001"),
        ] {
            assert_eq!(show(offpay(text).unwrap(), DECIMALS), shown);
        }
    }
}
