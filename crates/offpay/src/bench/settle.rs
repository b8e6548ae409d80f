//! `offpay bench settle`: what settling costs, and how many payments a second fit into a chain's blocks.
//!
//! One row settles everything that a purse owes a payee, however many payments that was: its newest payment names the sum.
//! So a row's gas is measured, alone and in batches, to one payee and to many; the rest is division.

use std::{fmt::Write as _, fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use offpay_chain::batch::{self, Batch};
use offpay_protocol::{Signable as _, Signed, messages::Payment};
use serde::Serialize;

use super::{sign, world::World};
use crate::{cli::Answer, output::Output};

/// Rows in a transaction.
const ROWS: [usize; 4] = [1, 10, 50, 100];
/// Payments of a purse to a payee before they are settled.
const PER_PAIR: [u64; 4] = [1, 10, 100, 1_000];

/// Measure the gas of settling, and how many payments a second fit into blocks.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  offpay bench settle --svg docs/settlement.svg")]
pub(crate) struct Settle {
    /// The gas of a block.
    #[arg(long, default_value_t = 30_000_000, value_name = "GAS")]
    block_gas: u64,
    /// The seconds between two blocks.
    #[arg(long, default_value_t = 12, value_name = "SECONDS")]
    block_time: u64,
    /// Draw the cost of a payment into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// A measured transaction.
#[derive(Clone, Copy, Debug, Serialize)]
struct Row {
    payees: &'static str,
    /// Whether the pair was settled before: its slot is written anew, not for the first time.
    again: bool,
    rows: usize,
    gas: u64,
}

impl Row {
    fn each(&self) -> f64 {
        self.gas as f64 / self.rows as f64
    }
}

#[derive(Serialize)]
struct Report {
    block_gas: u64,
    block_time: u64,
    measured: Vec<Row>,
}

impl Settle {
    pub(super) async fn run(&self, output: &Output) -> Result<Answer> {
        ensure!(self.block_time > 0, "--block-time is at least 1");
        let folder = tempfile::tempdir()?;
        // Purses enough that each size has its own, to one payee and to many.
        let purses: usize = 2 * ROWS.iter().sum::<usize>();
        output.progress("opening purses");
        let world = World::open(folder.path(), purses, 1_000).await?;
        let mut measured = Vec::new();
        let mut first = 0;
        for (payees, many) in [("one", false), ("many", true)] {
            for rows in ROWS {
                for turn in 0..2 {
                    let gas = settle(&world, first, rows, many, turn).await?;
                    let again = turn > 0;
                    let row = Row {
                        payees,
                        again,
                        rows,
                        gas,
                    };
                    measured.push(row);
                }
                first += rows;
            }
        }
        output.line("payees  rows  settled before  gas a row   gas a payment, and payments a second, at 1, 10, 100, 1,000 a pair")?;
        for row in &measured {
            let mut line = format!(
                "{:<7} {:>4}  {:<14} {:>10.0} ",
                row.payees,
                row.rows,
                if row.again { "yes" } else { "no" },
                row.each()
            );
            for per_pair in PER_PAIR {
                let gas = row.each() / per_pair as f64;
                write!(line, "  {gas:>8.1} {:>9.0}/s", self.per_s(gas))?;
            }
            output.line(&line)?;
        }
        if let Some(path) = &self.svg {
            fs::write(path, draw(&measured)).with_context(|| format!("{}", path.display()))?;
        }
        let report = Report {
            block_gas: self.block_gas,
            block_time: self.block_time,
            measured,
        };
        output.line(&serde_json::to_string(&report)?)?;
        Ok(Answer::Yes)
    }

    fn per_s(&self, gas: f64) -> f64 {
        self.block_gas as f64 / self.block_time as f64 / gas
    }
}

/// Settles a payment of each of these purses in one transaction, and gives its gas.
async fn settle(world: &World, first: usize, rows: usize, many: bool, turn: u64) -> Result<u64> {
    let mut payments = Vec::with_capacity(rows);
    for place in 0..rows {
        let number = u64::try_from(first + place)?;
        // The payees of the first purse, or those of each.
        let named = if many { number } else { u64::try_from(first)? };
        let (key, _) = sign::payment(world, number)?;
        let (_, to) = sign::payment(world, named)?;
        let amount = to.amount;
        let start = amount
            .get()
            .checked_mul(u128::from(turn))
            .context("too much")?;
        let start = offpay_protocol::Amount::new(start).context("too much")?;
        let message = Payment {
            start,
            cumulative: start.checked_add(amount).context("too much")?,
            ..to
        };
        payments.push(Signed {
            domain: world.domain,
            message,
            signature: message.sign(&world.domain, key)?,
        });
    }
    let planned = batch::plan(&payments, rows)?;
    ensure!(
        planned.len() == 1,
        "the rows do not fit into one transaction"
    );
    let batch = planned.first().context("there is nothing to settle")?;
    let mined = if let (Batch::Mixed(_), [payment]) = (batch, payments.as_slice()) {
        let mined = world.contract.settle(payment)?.send(&world.owner).await?;
        mined.gas_used
    } else {
        let mined = world
            .contract
            .settle_batch(batch)?
            .send(&world.owner)
            .await?;
        let settled = mined.outcome.credited.len();
        ensure!(settled == rows, "{settled} of {rows} rows were settled");
        mined.gas_used
    };
    Ok(mined)
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 310.0;
const COLOURS: [&str; 4] = ["#1f6f54", "#2f6fb0", "#b0632f", "#7a3fa0"];

/// Gas of a payment over payments of a pair, both axes logarithmic.
fn draw(measured: &[Row]) -> String {
    let x = |per_pair: f64| LEFT + per_pair.log10() / 3.0 * (WIDTH - LEFT - 170.0);
    let y = |gas: f64| BOTTOM - (gas.log10() - 0.5) / 4.5 * (BOTTOM - 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">Gas of a payment, over the payments that one row settles</text>\n"
    );
    for power in 1_i32..=5 {
        let gas = 10_f64.powi(power);
        let at = y(gas);
        svg += &format!(
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{gas}</text>\n",
            x(1_000.0),
            LEFT - 6.0,
            at + 4.0
        );
    }
    for per_pair in PER_PAIR {
        svg += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{per_pair}</text>\n",
            x(per_pair as f64),
            BOTTOM + 18.0
        );
    }
    svg += &format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">payments of a purse to a payee</text>\n",
        x(31.6),
        BOTTOM + 36.0
    );
    let lines = measured
        .iter()
        .filter(|row| row.again && (row.rows == 1 || row.rows == 100));
    for (row, colour) in lines.zip(COLOURS) {
        let points: Vec<_> = PER_PAIR
            .iter()
            .map(|count| {
                let count = *count as f64;
                format!("{:.1},{:.1}", x(count), y(row.each() / count))
            })
            .collect();
        let end = y(row.each() / 1_000.0);
        let place = 14.0 * f64::from(u8::from(row.payees == "many")) - 7.0;
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{} payee{}, {} row{}</text>\n",
            points.join(" "),
            x(1_000.0) + 6.0,
            end + place,
            row.payees,
            if row.payees == "many" { "s" } else { "" },
            row.rows,
            if row.rows == 1 { "" } else { "s" },
        );
    }
    svg + "</svg>\n"
}
