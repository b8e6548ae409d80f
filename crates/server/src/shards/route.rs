//! Which shard answers a request.

use offpay_operator::slots::Slot;
use offpay_protocol::PurseKey;

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Whoever was asked: what is the same everywhere, what is of one shard's own running, and payments, which are handed on
    /// one by one.
    Here,
    /// The home shard.
    Home,
    /// The shard that has the slot.
    Slot(Slot),
}

/// What each server answers of its own shard, or is the same at all.
const HERE: [&str; 16] = [
    "/v1/payments",
    "/v1/payments/batch",
    "/v1/payments/stream",
    "/v1/operator",
    "/v1/rpc",
    "/v1/admin/overview",
    "/v1/admin/at-risk",
    "/v1/admin/defaults",
    "/v1/admin/settlement",
    "/v1/admin/transactions",
    "/v1/admin/gas",
    "/v1/admin/log",
    "/v1/admin/keys",
    "/v1/admin/export/payments",
    "/v1/admin/export/events",
    "/v1/network",
];

/// Where a path is answered.
pub(super) fn of(path: &str) -> Route {
    let Some(rest) = path.strip_prefix("/v1/") else {
        return Route::Here;
    };
    if HERE.contains(&path) || rest.starts_with("admin/transactions/") {
        return Route::Here;
    }
    let parts: Vec<&str> = rest.split('/').collect();
    let purse = match parts.as_slice() {
        ["payments", purse, _] | ["purses", purse, "certificate"] => purse.parse::<PurseKey>(),
        _ => return Route::Home,
    };
    // What names no purse is refused by whoever reads it.
    purse.map_or(Route::Here, |purse| Route::Slot(Slot::of(purse)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_is_answered_for_by_its_shard_and_accounts_by_the_home_shard() {
        let purse = "0x1230000000000000000000000000000000000000";
        let slot = Route::Slot(Slot::new(0x123).unwrap());
        for (path, route) in [
            (format!("/v1/payments/{purse}/0x00"), slot),
            (format!("/v1/purses/{purse}/certificate"), slot),
            (format!("/v1/purses/{purse}/close"), Route::Home),
            ("/v1/purses/nonsense/certificate".to_owned(), Route::Here),
            ("/v1/payments".to_owned(), Route::Here),
            ("/v1/payments/stream".to_owned(), Route::Here),
            ("/v1/pay".to_owned(), Route::Home),
            ("/v1/sessions".to_owned(), Route::Home),
            ("/v1/events".to_owned(), Route::Home),
            ("/v1/revocations".to_owned(), Route::Home),
            ("/v1/admin/users/7/freeze".to_owned(), Route::Home),
            ("/v1/admin/audit".to_owned(), Route::Home),
            ("/v1/admin/transactions/7/retry".to_owned(), Route::Here),
            ("/metrics".to_owned(), Route::Here),
            ("/".to_owned(), Route::Here),
        ] {
            assert_eq!(of(&path), route, "{path}");
        }
    }
}
