//! The history: everything once, searchable, as a table.

use offpay_wallet::history::{Direction, HistoryQuery, to_csv};

use crate::world::*;

#[test]
fn everything_once_and_the_newest_first() {
    let (mut payer, mut payee) = (payer(), payee());
    let amounts = [20, 30, 40];
    for (place, amount) in (0u64..).zip(amounts) {
        sale(&mut payer, &mut payee, amount, NOW + place * 60);
    }
    let sent = payer.state().history(&HistoryQuery::default());
    let found: Vec<_> = sent.iter().map(|entry| entry.amount).collect();
    assert_eq!(found, [units(40), units(30), units(20)]);
    assert!(sent.iter().all(|entry| entry.direction == Direction::Sent));
    let received = payee.state().history(&HistoryQuery::default());
    assert_eq!(received.len(), 3);
    assert_eq!(received[0].memo, "two coffees");
    // Paging goes on where the page before ended.
    let page = |before| HistoryQuery {
        before,
        limit: Some(2),
        ..HistoryQuery::default()
    };
    let first = payer.state().history(&page(None));
    let rest = payer.state().history(&page(Some(first[1].number)));
    assert_eq!((first.len(), rest.len()), (2, 1));
    assert_eq!(rest[0].amount, units(20));
}

#[test]
fn search() {
    let (mut payer, mut payee) = (payer(), payee());
    payer
        .save_contact(payee.state().account(), "Müller's Bakery", at(NOW))
        .unwrap();
    let taken = sale(&mut payer, &mut payee, 20, NOW);
    sale(&mut payer, &mut payee, 30, NOW + DAY / 2);
    let find = |query: HistoryQuery| payer.state().history(&query).len();
    let text = |text: &str| HistoryQuery {
        text: Some(text.into()),
        ..HistoryQuery::default()
    };
    assert_eq!(find(text("mÜLLER")), 2);
    assert_eq!(find(text("COFFEE")), 2);
    assert_eq!(find(text(&taken.id.to_string())), 1);
    assert_eq!(find(text("tea")), 0);
    let until = HistoryQuery {
        until: Some(at(NOW + 1)),
        ..HistoryQuery::default()
    };
    assert_eq!(find(until), 1);
    let since = HistoryQuery {
        since: Some(at(NOW + 1)),
        ..HistoryQuery::default()
    };
    assert_eq!(find(since), 1);
    let received = HistoryQuery {
        direction: Some(Direction::Received),
        ..HistoryQuery::default()
    };
    assert_eq!(find(received), 0);
    let counterparty = Some(payee.state().account());
    assert_eq!(
        find(HistoryQuery {
            counterparty,
            ..HistoryQuery::default()
        }),
        2
    );
}

#[test]
fn as_a_table() {
    let (mut payer, mut payee) = (payer(), payee());
    sale(&mut payer, &mut payee, 900, NOW);
    let csv = to_csv(
        &payer.state().history(&HistoryQuery::default()),
        &deployment().token,
    );
    let mut lines = csv.split("\r\n");
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("time,direction,amount,token,name")
    );
    let line = lines.next().unwrap();
    assert!(
        line.starts_with("2027-01-15T08:00:00Z,sent,0.0009,OFFPAY,Blue Door,0x"),
        "{line}"
    );
    assert!(line.contains(",two coffees,held,0x"), "{line}");
    assert_eq!(lines.next(), Some(""));
}
