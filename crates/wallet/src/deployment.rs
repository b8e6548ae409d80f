//! Which contract a wallet is for.

use offpay_protocol::{Amount, Domain, amount::AmountError, cover::Parameters};
use serde::{Deserialize, Serialize};

/// The token, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Token {
    /// Its symbol, `OFFPAY`.
    pub symbol: String,
    /// How many digits stand after the point.
    pub decimals: u8,
}

impl Token {
    /// `12.5 OFFPAY`
    pub fn show(&self, amount: Amount) -> String {
        format!("{} {}", amount.format_units(self.decimals), self.symbol)
    }

    /// Reads what a person typed, in whole tokens.
    ///
    /// # Errors
    ///
    /// See [`Amount::parse_units`].
    pub fn parse(&self, typed: &str) -> Result<Amount, AmountError> {
        Amount::parse_units(typed, self.decimals)
    }
}

/// One deployment of the contract: a wallet is for one, and keeps what it needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// The chain and the contract.
    pub domain: Domain,
    /// What was fixed when it was deployed.
    pub parameters: Parameters,
    /// The token that it holds.
    pub token: Token,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_read_in_whole_tokens_and_shown_so() {
        let token = Token {
            symbol: "OFFPAY".to_owned(),
            decimals: 6,
        };
        let amount = token.parse("12.5").unwrap();
        assert_eq!(amount, Amount::new(12_500_000).unwrap());
        assert_eq!(token.show(amount), "12.5 OFFPAY");
        assert!(token.parse("12.0000001").is_err());
    }
}
