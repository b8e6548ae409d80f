//! Whoever watches a server sees what the dashboard and the alerts ask for.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use offpay_store::testing::Engine;

use super::support::{World, key};

/// What a histogram's numbers are called besides.
const PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Every name in a text that begins with `offpay_`, in PromQL or in what `/metrics` answers.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words
        .filter(|word| word.starts_with("offpay_"))
        .map(|word| {
            let part = PARTS.iter().find_map(|part| word.strip_suffix(part));
            part.unwrap_or(word).to_owned()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn o140_every_number_of_the_dashboard_and_the_alerts_is_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/monitoring");
    let files = [
        "offpay.rules.yml",
        "offpay.rules.test.yml",
        "grafana/offpay.json",
    ];
    let mut asked = BTreeSet::new();
    for file in files {
        let here = names(&fs::read_to_string(folder.join(file)).unwrap());
        assert!(here.len() > 15, "{file} asks for nothing");
        asked.extend(here);
    }
    let world = World::new(Engine::Sqlite).await;
    let ana = key("ana");
    world.purse(&ana).await;
    let payment = world.pay(&ana, 7, 0, 10);
    assert_eq!(world.clear(&payment).await.status, 200);
    // Refused for good: another payee was promised the same.
    let conflict = world.pay(&ana, 8, 0, 10);
    assert_eq!(world.clear(&conflict).await.status, 409);
    // The report of the double spend costs gas, once it is final.
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let shown = names(&world.server.get("/metrics", None).await.unwrap().text);
        let missing: Vec<_> = asked.difference(&shown).collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < patience, "not shown: {missing:?}");
        offpay_chain::local::mine(world.contract.node())
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
