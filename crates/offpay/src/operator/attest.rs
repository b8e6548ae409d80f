//! `offpay operator attest`

use alloy_primitives::Address;
use anyhow::{Context, Result};
use clap::Args;
use offpay_protocol::{
    AccountId, Seconds, Signable as _, Signed, messages::Attestation, wire::AttestationCode,
};
use serde::Serialize;

use super::key::KeyFile;
use crate::{
    cli::Answer,
    clock,
    codes::{CodeOutput, Shown},
    network::Place,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "A payer's wallet shows the name as verified if it trusts this operator. \
    Without --signer the payee signs for itself;\na till cannot, so name the key that `offpay wallet status` shows on it.\n\n\
    Example:\n  offpay operator attest 0xAb84…5cb2 --name 'Blue Door' --signer 0x4B20…02db --out attestation.txt"
)]
pub(super) struct Attest {
    /// The payee: an account or a till.
    payee: AccountId,
    /// The name that the operator vouches for.
    #[arg(long)]
    name: String,
    /// The key that signs the payee's requests and receipts; the payee itself if it is left out.
    #[arg(long, value_name = "ADDRESS")]
    signer: Option<Address>,
    /// For how many days.
    #[arg(long, default_value_t = 90, value_name = "DAYS")]
    days: u16,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    code: CodeOutput,
}

#[derive(Serialize)]
struct Told {
    attestation: Signed<Attestation>,
    code: Shown,
}

impl Attest {
    pub(super) fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let (key, domain) = (self.key.key()?, self.place.domain()?);
        let expires_at = clock::now()?
            .checked_add(Seconds::days(self.days))
            .context("too long")?;
        let signer = self.signer.unwrap_or(self.payee.address());
        let attestation = Attestation {
            payee: self.payee,
            signer,
            name: self.name.clone(),
            expires_at,
        };
        let signature = attestation.sign(&domain, &key)?;
        let code = AttestationCode::new(&domain, attestation.clone(), signature).into();
        let shown = self.code.write(&code)?;
        if json {
            let attestation = Signed {
                domain,
                message: attestation,
                signature,
            };
            output.json(&Told {
                attestation,
                code: shown,
            })?;
            return Ok(Answer::Yes);
        }
        let said = format!(
            "{} is {}, until {}",
            self.payee,
            attestation.name,
            clock::show(expires_at)
        );
        output.line(&output.paint(Style::Good, &said))?;
        shown.print(output)?;
        Ok(Answer::Yes)
    }
}
