//! Hosted users.

use offpay_operator::{
    UserId,
    event::{Audience, NewEvent},
    identity::{
        AccessTokenId, Custody, PasskeyId, RecoveryId, Scope, Scopes, Session, SessionId,
        SignInMethod, TokenHash, guessing::Guess, recovery::Recovery, token::AccessToken,
    },
    storage::{
        EventStorage as _,
        identity::{
            Begun, GuessStorage as _, NewAccessToken, NewPasskey, NewRecovery, NewSession, NewUser,
            Passkey, PasskeyStorage as _, RecoveryStorage as _, Registered, SealedDataKey,
            SealedSecret, SecretStorage as _, SessionStorage as _, Spent, TokenStorage as _,
            UserStorage as _,
        },
    },
};
use offpay_protocol::{AccountId, Amount, Timestamp};
use offpay_store::{
    Database,
    testing::{Engine, TestDatabase},
};
use uuid::Uuid;

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(1_700_000_000 + seconds).unwrap()
}

fn user_id(number: u8) -> UserId {
    UserId(Uuid::from_u128(u128::from(number)))
}

fn session(user: UserId, number: u8) -> NewSession {
    NewSession {
        session: Session {
            id: SessionId(Uuid::from_u128(100 + u128::from(number))),
            user,
            method: SignInMethod::Password,
            label: "browser".to_owned(),
            created_at: at(u64::from(number)),
            last_seen_at: at(u64::from(number)),
            expires_at: at(1_000),
        },
        token: TokenHash([number; 32]),
    }
}

fn secret(purpose: &str, byte: u8) -> SealedSecret {
    SealedSecret {
        purpose: purpose.to_owned(),
        sealed: vec![byte; 40],
    }
}

fn new_user(number: u8, handle: &str) -> NewUser {
    let id = user_id(number);
    NewUser {
        id,
        handle: Some(handle.parse().unwrap()),
        account: AccountId::new([number; 20].into()),
        custody: Custody::Hosted,
        data_key: SealedDataKey {
            master: "one".to_owned(),
            sealed: vec![number; 40],
        },
        secrets: vec![secret("password", number), secret("key/account", number)],
        recovery_codes: vec![TokenHash([200; 32]), TokenHash([201; 32])],
        session: Some(session(id, number)),
    }
}

fn event(user: UserId) -> NewEvent {
    NewEvent {
        audience: Audience::User(user),
        kind: "test.happened",
        body: serde_json::json!({}),
    }
}

async fn events(database: &Database, user: UserId) -> usize {
    database
        .events_after(Some(user), 0, 100)
        .await
        .unwrap()
        .len()
}

async fn with_ana(engine: Engine) -> (TestDatabase, UserId) {
    let test = TestDatabase::new(engine).await.unwrap();
    let new = new_user(1, "ana");
    let done = test.database.register(&new, &[event(new.id)], at(0)).await;
    assert_eq!(done.unwrap(), Registered::Yes);
    (test, new.id)
}

#[tokio::test]
async fn a_handle_and_an_account_are_one_users() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        let mut same_account = new_user(2, "bea");
        same_account.account = AccountId::new([1; 20].into());
        for new in [new_user(2, "ana"), same_account] {
            let taken = database.register(&new, &[event(new.id)], at(1)).await;
            assert_eq!(taken.unwrap(), Registered::Taken, "{engine:?}");
            assert_eq!(
                events(database, new.id).await,
                0,
                "{engine:?}: nothing of it happened"
            );
            assert!(database.user(new.id).await.unwrap().is_none());
        }
        let user = database.user(ana).await.unwrap().unwrap();
        assert_eq!(
            (user.created_at, user.frozen_at, user.second_factor),
            (at(0), None, false)
        );
        let by_handle = database
            .user_by_handle(&"ana".parse().unwrap())
            .await
            .unwrap();
        let by_account = database.user_by_account(user.account).await.unwrap();
        assert_eq!((by_handle, by_account), (Some(user.clone()), Some(user)));
        assert_eq!(database.recovery_codes_left(ana).await.unwrap(), 2);
        assert_eq!(events(database, ana).await, 1);
    }
}

#[tokio::test]
async fn secrets_are_added_once_and_data_keys_rewrapped_once() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        assert!(
            !database
                .add_secret(ana, &secret("password", 9), at(1))
                .await
                .unwrap()
        );
        let vaulted = database.secret(ana, "password").await.unwrap().unwrap();
        assert_eq!(
            vaulted.secret,
            Some(secret("password", 1)),
            "{engine:?}: not replaced"
        );
        let none = database.secret(ana, "nothing").await.unwrap().unwrap();
        assert_eq!(none.secret, None);
        assert!(
            database
                .secret(user_id(9), "password")
                .await
                .unwrap()
                .is_none()
        );

        let old = vaulted.data_key;
        let new = SealedDataKey {
            master: "two".to_owned(),
            sealed: vec![7; 40],
        };
        let stale = database.data_keys_not_under("two", 10).await.unwrap();
        assert_eq!(stale, [(ana, old.clone())]);
        assert!(database.rewrap_data_key(ana, &old, &new).await.unwrap());
        assert!(
            !database.rewrap_data_key(ana, &old, &new).await.unwrap(),
            "{engine:?}"
        );
        assert!(
            database
                .data_keys_not_under("two", 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn sessions_open_by_their_token_until_they_are_ended() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        database
            .open_session(&session(ana, 5), &[], at(5))
            .await
            .unwrap();
        let (found, user) = database
            .session(&TokenHash([5; 32]))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((&found, user.id), (&session(ana, 5).session, ana));
        database.touch_session(found.id, at(60)).await.unwrap();
        database.touch_session(found.id, at(30)).await.unwrap();
        let list = database.sessions(ana).await.unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].last_seen_at, at(60), "{engine:?}: never goes back");
        assert!(
            !database.end_session(user_id(9), found.id).await.unwrap(),
            "another's"
        );
        assert_eq!(database.end_sessions(ana, Some(found.id)).await.unwrap(), 1);
        assert!(
            database
                .session(&TokenHash([1; 32]))
                .await
                .unwrap()
                .is_none()
        );
        database.sweep(at(1_000)).await.unwrap();
        assert!(
            database.sessions(ana).await.unwrap().is_empty(),
            "{engine:?}: swept"
        );
    }
}

/// **O103**: a password is changed and other sessions are ended, or neither.
#[tokio::test]
async fn a_new_password_ends_the_other_sessions_with_the_same_write() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        let other = session(ana, 7);
        database.open_session(&other, &[], at(1)).await.unwrap();
        let mine = session(ana, 1);
        let told = events(database, ana).await;
        let new = secret("password", 9);
        let kept = mine.session.id;
        database
            .replace_secret_and_sessions(ana, &new, kept, &[event(ana)], at(2))
            .await
            .unwrap();
        let stored = database.secret(ana, "password").await.unwrap().unwrap();
        assert_eq!(stored.secret, Some(new), "{engine:?}");
        assert!(database.session(&mine.token).await.unwrap().is_some());
        assert!(database.session(&other.token).await.unwrap().is_none());
        assert_eq!(events(database, ana).await, told + 1);
    }
}

/// Many guess at once: no more are let through than the rule says.
#[tokio::test(flavor = "multi_thread")]
async fn o65_guesses_at_once_are_counted_one_by_one() {
    for engine in Engine::ALL {
        let (test, _) = with_ana(engine).await;
        let guesses: Vec<_> = (0..16)
            .map(|_| {
                let database = test.database.clone();
                tokio::spawn(async move { database.count_guess("password:ana", at(1)).await })
            })
            .collect();
        let mut checked = 0;
        for guess in guesses {
            if let Guess::Check(_) = guess.await.unwrap().unwrap() {
                checked += 1;
            }
        }
        assert_eq!(checked, 5, "{engine:?}");
        test.database.forget_guesses("password:ana").await.unwrap();
        let again = test
            .database
            .count_guess("password:ana", at(2))
            .await
            .unwrap();
        assert!(matches!(again, Guess::Check(guesses) if guesses.count == 1));
        assert!(test.database.use_nonce("n", at(100)).await.unwrap());
        assert!(
            !test.database.use_nonce("n", at(100)).await.unwrap(),
            "{engine:?}"
        );
        assert!(
            test.database
                .use_second_factor_step(user_id(1), 7)
                .await
                .unwrap()
        );
        for step in [7, 6] {
            assert!(
                !test
                    .database
                    .use_second_factor_step(user_id(1), step)
                    .await
                    .unwrap()
            );
        }
    }
}

#[tokio::test]
async fn o67_budgets() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        let id = AccessTokenId(Uuid::from_u128(50));
        let units = Amount::from_u64;
        let new = NewAccessToken {
            token: AccessToken {
                id,
                user: ana,
                name: "shop".to_owned(),
                scopes: Scopes::from(vec![Scope::Pay]),
                budget: units(10),
                spent: Amount::ZERO,
                created_at: at(1),
                expires_at: at(100),
            },
            hash: TokenHash([50; 32]),
        };
        database
            .give_token(&new, &[event(ana)], at(1))
            .await
            .unwrap();
        let (found, _) = database
            .access_token(&TokenHash([50; 32]))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found, new.token);
        let spend =
            |work: &'static str, amount, now| database.spend_budget(id, work, units(amount), now);
        let yes = |remaining| Spent::Yes {
            remaining: units(remaining),
        };
        assert_eq!(spend("a", 4, at(2)).await.unwrap(), yes(6));
        assert_eq!(
            spend("a", 4, at(2)).await.unwrap(),
            yes(6),
            "{engine:?}: once"
        );
        assert_eq!(spend("a", 5, at(2)).await.unwrap(), Spent::Mismatch);
        let exceeded = Spent::Exceeded {
            remaining: units(6),
        };
        assert_eq!(spend("b", 7, at(2)).await.unwrap(), exceeded);
        assert_eq!(spend("b", 6, at(2)).await.unwrap(), yes(0));
        database.release_budget(id, "a").await.unwrap();
        database.release_budget(id, "a").await.unwrap();
        assert_eq!(
            spend("c", 4, at(2)).await.unwrap(),
            yes(0),
            "{engine:?}: given back once"
        );
        assert_eq!(spend("d", 0, at(100)).await.unwrap(), Spent::Over);
        assert!(
            !database
                .revoke_token(user_id(9), id, &[], at(3))
                .await
                .unwrap()
        );
        assert!(database.revoke_token(ana, id, &[], at(3)).await.unwrap());
        assert_eq!(spend("c", 4, at(4)).await.unwrap(), Spent::Over);
    }
}

#[tokio::test]
async fn o69_recoveries() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        let begin = |code: u8, number: u8| {
            let new = NewRecovery {
                recovery: Recovery {
                    id: RecoveryId(Uuid::from_u128(u128::from(number))),
                    user: ana,
                    began_at: at(10),
                    ready_at: at(20),
                    expires_at: at(30),
                },
                token: TokenHash([number; 32]),
                code: TokenHash([code; 32]),
            };
            async move {
                database
                    .begin_recovery(&new, &[event(ana)], at(10))
                    .await
                    .unwrap()
            }
        };
        let complete = |number: u8, now: u64| async move {
            let id = RecoveryId(Uuid::from_u128(u128::from(number)));
            let password = secret("password", 99);
            let session = session(ana, number);
            let told = [event(ana)];
            let done = database.complete_recovery(id, &password, &session, &told, at(now));
            done.await.unwrap()
        };
        assert_eq!(begin(199, 60).await, Begun::NoSuchCode);
        assert_eq!(begin(200, 61).await, Begun::Yes);
        assert_eq!(begin(201, 62).await, Begun::UnderWay);
        assert_eq!(
            database.recovery_codes_left(ana).await.unwrap(),
            1,
            "{engine:?}"
        );
        assert!(!complete(61, 19).await, "{engine:?}: early");
        assert!(!complete(61, 30).await, "{engine:?}: late");
        assert!(!complete(62, 25).await, "{engine:?}: another");
        assert!(
            database
                .recovery(&TokenHash([61; 32]))
                .await
                .unwrap()
                .is_some()
        );
        assert!(complete(61, 20).await, "{engine:?}");
        assert!(!complete(61, 20).await, "{engine:?}: once");
        assert!(
            database
                .session(&TokenHash([1; 32]))
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            database
                .session(&TokenHash([61; 32]))
                .await
                .unwrap()
                .is_some()
        );
        let vaulted = database.secret(ana, "password").await.unwrap().unwrap();
        assert_eq!(vaulted.secret, Some(secret("password", 99)));
        assert_eq!(begin(201, 63).await, Begun::Yes);
        assert!(
            database
                .cancel_recovery(ana, &[event(ana)], at(11))
                .await
                .unwrap()
        );
        assert!(
            !database
                .cancel_recovery(ana, &[event(ana)], at(11))
                .await
                .unwrap()
        );
        assert!(!complete(63, 25).await, "{engine:?}: cancelled");
        assert_eq!(
            events(database, ana).await,
            5,
            "{engine:?}: only what happened"
        );
    }
}

#[tokio::test]
async fn passkeys_are_one_users_and_no_more_than_they_may() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        let new = |number: u8, credential: u8| NewPasskey {
            passkey: Passkey {
                id: PasskeyId(Uuid::from_u128(u128::from(number))),
                user: ana,
                credential: vec![credential; 16],
                name: "phone".to_owned(),
                fixed: vec![1; 30],
                changing: vec![2; 7],
                created_at: at(u64::from(number)),
                last_used_at: None,
            },
            most: 2,
        };
        let add = |number, credential| {
            let new = new(number, credential);
            async move {
                database
                    .add_passkey(&new, &[event(ana)], at(1))
                    .await
                    .unwrap()
            }
        };
        assert!(add(1, 1).await);
        assert!(!add(2, 1).await, "{engine:?}: the same credential");
        assert!(add(2, 2).await);
        assert!(!add(3, 3).await, "{engine:?}: a third");
        let id = PasskeyId(Uuid::from_u128(1));
        assert!(
            database
                .use_passkey(id, &[2; 7], &[3; 7], at(5))
                .await
                .unwrap()
        );
        assert!(
            !database
                .use_passkey(id, &[2; 7], &[4; 7], at(6))
                .await
                .unwrap(),
            "{engine:?}"
        );
        let found = database.passkey(&[1; 16]).await.unwrap().unwrap();
        assert_eq!(
            (found.changing, found.last_used_at),
            (vec![3; 7], Some(at(5)))
        );
        assert!(
            !database
                .remove_passkey(user_id(9), id, &[], at(7))
                .await
                .unwrap()
        );
        assert!(
            database
                .remove_passkey(ana, id, &[event(ana)], at(7))
                .await
                .unwrap()
        );
        assert_eq!(database.passkeys(ana).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn o71_nothing_personal_is_left() {
    for engine in Engine::ALL {
        let (test, ana) = with_ana(engine).await;
        let database = &test.database;
        database.delete_personal(ana, at(9)).await.unwrap();
        let user = database.user(ana).await.unwrap().unwrap();
        assert_eq!((user.handle, user.deleted_at), (None, Some(at(9))));
        assert!(database.secret(ana, "password").await.unwrap().is_none());
        assert!(
            database
                .session(&TokenHash([1; 32]))
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(database.recovery_codes_left(ana).await.unwrap(), 0);
        assert_eq!(events(database, ana).await, 0);
        assert!(
            database
                .data_keys_not_under("", 10)
                .await
                .unwrap()
                .is_empty()
        );
        let again = database
            .register(&new_user(2, "ana"), &[], at(10))
            .await
            .unwrap();
        assert_eq!(again, Registered::Yes, "{engine:?}: the handle is free");
    }
}
