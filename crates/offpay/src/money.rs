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

    /// What a server says that its token is; base units where it does not say.
    pub(crate) fn told(token: Option<(String, u8)>) -> Self {
        let (symbol, decimals) = token.unwrap_or_else(|| ("base units".to_owned(), 0));
        Self { decimals, symbol }
    }

    /// An amount that an answer has as text.
    pub(crate) fn show_text(&self, units: &str) -> String {
        format!("{} {}", shift(units, self.decimals), self.symbol)
    }

    /// An amount to its last digit, with its unit.
    pub(crate) fn show(&self, amount: Amount) -> String {
        format!("{} {}", amount.format_units(self.decimals), self.symbol)
    }
}

/// Wei as people read them: in coins of the chain.
pub(crate) fn coins(wei: &str) -> String {
    shift(wei, 18)
}

/// Base units with the point where it belongs; sums can be beyond what an [`Amount`] holds.
fn shift(units: &str, decimals: u8) -> String {
    if units.is_empty() || !units.bytes().all(|digit| digit.is_ascii_digit()) {
        return units.to_owned();
    }
    let decimals = usize::from(decimals);
    let digits = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// An amount of $OFFPAY, in whole tokens.
pub(crate) fn offpay(text: &str) -> Result<Amount> {
    Amount::parse_units(text, DECIMALS)
        .with_context(|| format!("{text} is not an amount of OFFPAY"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sums_of_answers() {
        assert_eq!(super::coins("0"), "0");
        assert_eq!(super::coins("1"), "0.000000000000000001");
        assert_eq!(super::coins("1500000000000000000"), "1.5");
        assert_eq!(
            super::shift("340282366920938463463374607431768211455", 0).len(),
            39
        );
        assert_eq!(super::shift("?", 18), "?");
    }

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
