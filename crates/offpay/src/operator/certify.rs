//! `offpay operator certify`

use anyhow::{Context, Result};
use clap::Args;
use offpay_chain::Contract;
use offpay_protocol::{
    PurseKey, Seconds, Signable as _, Signed,
    certificate::{FRESH_FOR, FinalizedPurse, NotCertifiable},
    messages::Certificate,
    wire::CertificateCode,
};
use serde::Serialize;

use super::key::KeyFile;
use crate::{
    cli::Answer,
    clock,
    codes::{CodeOutput, Shown},
    network::Network,
    output::{Output, Style},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Only a finalized block counts, and only a purse that is open and not closing.\n\n\
    Example:\n  offpay operator certify 0x5B38…ddC4 --key-file operator.key --out certificate.txt"
)]
pub(super) struct Certify {
    /// The purse's key.
    purse: PurseKey,
    /// How old the newest finalized block may be, in minutes.
    #[arg(long, default_value_t = 60, value_name = "MINUTES")]
    oldest: u32,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    code: CodeOutput,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    certificate: Signed<Certificate>,
    block: u64,
    counts_until: offpay_protocol::Timestamp,
    code: Shown,
}

#[derive(Serialize)]
struct Refused {
    refused: &'static str,
    message: String,
}

impl Certify {
    pub(super) async fn run(&self, output: &Output, json: bool) -> Result<Answer> {
        let key = self.key.key()?;
        let contract = self.network.contract().await?;
        let (purse, block) = finalized(&contract, self.purse).await?;
        let oldest = Seconds::new(u64::from(self.oldest) * 60).context("too long")?;
        let certificate = match purse.certificate(oldest, clock::now()?) {
            Ok(certificate) => certificate,
            Err(refusal) => return refuse(output, json, refusal),
        };
        let domain = *contract.domain();
        let signature = certificate.sign(&domain, &key)?;
        let code = CertificateCode::new(&domain, certificate, signature).into();
        let shown = self.code.write(&code)?;
        let counts_until = certificate.as_of.saturating_add(FRESH_FOR);
        if json {
            let certificate = Signed {
                domain,
                message: certificate,
                signature,
            };
            output.json(&Told {
                certificate,
                block,
                counts_until,
                code: shown,
            })?;
        } else {
            let until = clock::show(counts_until);
            output.line(&output.paint(
                Style::Good,
                &format!("Certified as of block {block}; counts until {until}"),
            ))?;
            shown.print(output)?;
        }
        Ok(Answer::Yes)
    }
}

fn refuse(output: &Output, json: bool, refusal: NotCertifiable) -> Result<Answer> {
    if json {
        output.json(&Refused {
            refused: refusal.code(),
            message: refusal.to_string(),
        })?;
    } else {
        output.line(&output.paint(Style::Bad, &format!("Not certified: {refusal}.")))?;
    }
    Ok(Answer::No)
}

/// The purse in the newest finalized block, with the block's number.
async fn finalized(contract: &Contract, key: PurseKey) -> Result<(FinalizedPurse, u64)> {
    let block = contract.node().finalized().await?;
    let contract = contract.at(block.hash);
    let purse = contract.purse(key).await?;
    let purse =
        purse.with_context(|| format!("no purse {key} in the finalized block {}", block.number))?;
    let circle_size = contract.circle_size(purse.circle).await?;
    let purse = FinalizedPurse {
        purse: key,
        owner: purse.owner,
        circle: purse.circle,
        funds: purse.funds,
        pledge: purse.pledge,
        cover_count: purse.cover_count,
        circle_size,
        closes_at: purse.closes_at,
        closed: purse.closed,
        block_time: block.timestamp,
    };
    Ok((purse, block.number))
}
