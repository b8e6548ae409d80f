//! The device's clock.

use std::time::SystemTime;

use anyhow::{Context, Result};
use offpay_protocol::Timestamp;

/// What the device's clock shows. A wallet counts the highest time that it has ever seen instead, if that is later.
pub(crate) fn now() -> Result<Timestamp> {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    Timestamp::new(since.as_secs()).context("the clock is beyond the year 36812")
}

/// `2026-11-22 20:15 UTC`.
pub(crate) fn show(time: Timestamp) -> String {
    let seconds = time.get();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        rest / 3_600,
        rest % 3_600 / 60
    )
}

/// How far away a moment is, in the largest unit that says something: `in 5 days`, `3 hours ago`.
pub(crate) fn distance(from: Timestamp, to: Timestamp) -> String {
    let (ahead, back) = (to.since(from).get(), from.since(to).get());
    let seconds = ahead.max(back);
    let (count, unit) = match seconds {
        0..60 => return "now".to_owned(),
        60..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if ahead > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

/// Days since 1970 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::new(seconds).unwrap()
    }

    #[test]
    fn dates() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_826_554, "2000-02-29 12:15 UTC"),
            (1_795_377_540, "2026-11-22 19:59 UTC"),
            (4_107_542_399, "2100-02-28 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(show(at(seconds)), shown);
        }
    }

    #[test]
    fn distances() {
        let now = at(1_000_000);
        for (to, shown) in [
            (1_000_059, "now"),
            (1_000_060, "in 1 minute"),
            (999_000, "16 minutes ago"),
            (1_007_200, "in 2 hours"),
            (1_518_400, "in 6 days"),
        ] {
            assert_eq!(distance(now, at(to)), shown);
        }
    }
}
