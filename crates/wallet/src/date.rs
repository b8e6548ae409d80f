//! Times for people.

use offpay_protocol::{Seconds, Timestamp};
use time::OffsetDateTime;

/// `2026-11-22T20:15:00Z`
pub(crate) fn iso(at: Timestamp) -> String {
    parts(at, 'T', "Z", true)
}

/// `2026-11-22 20:15 UTC`
pub(crate) fn show(at: Timestamp) -> String {
    parts(at, ' ', " UTC", false)
}

fn parts(at: Timestamp, between: char, zone: &str, with_seconds: bool) -> String {
    let seconds = i64::try_from(at.get()).unwrap_or(i64::MAX);
    // Timestamps end in the year 36812, beyond the four digits that dates have here.
    let Ok(date) = OffsetDateTime::from_unix_timestamp(seconds) else {
        return "in the far future".to_owned();
    };
    let (year, month, day) = date.to_calendar_date();
    let (hour, minute, second) = date.to_hms();
    let month = u8::from(month);
    let seconds = if with_seconds {
        format!(":{second:02}")
    } else {
        String::new()
    };
    format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}{seconds}{zone}")
}

/// `3 hours`, `2 days`: rounded down.
pub(crate) fn span(span: Seconds) -> String {
    let seconds = span.get();
    let (count, unit) = match seconds {
        0..120 => (seconds, "seconds"),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_calendars_have_it() {
        let at = Timestamp::new(1_795_378_500).unwrap();
        assert_eq!(iso(at), "2026-11-22T20:15:00Z");
        assert_eq!(show(at), "2026-11-22 20:15 UTC");
        assert_eq!(
            iso(Timestamp::new(951_782_400).unwrap()),
            "2000-02-29T00:00:00Z"
        );
        assert_eq!(show(Timestamp::MAX), "in the far future");
    }

    #[test]
    fn spans_are_rounded_down() {
        let say = |seconds| span(Seconds::new(seconds).unwrap());
        assert_eq!(say(90), "90 seconds");
        assert_eq!(say(3_599), "59 minutes");
        assert_eq!(say(86_400), "24 hours");
        assert_eq!(say(3 * 86_400 - 1), "2 days");
    }
}
