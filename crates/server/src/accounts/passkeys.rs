//! Passkeys (WebAuthn), by `webauthn_rp`. Discoverable, with the user verified: a passkey is two factors in one.

use std::sync::{Mutex, PoisonError};

use offpay_api::{Code, Problem};
use offpay_operator::{
    UserId,
    identity::{PasskeyId, User},
    storage::identity::{NewPasskey, Passkey, PasskeyStorage as _, UserStorage as _},
};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
    bin::{Decode as _, Encode as _},
    request::{
        AsciiDomain, ExtensionInfo, FixedCapHashSet, InsertResult, RpId,
        auth::{AuthenticationVerificationOptions, AuthenticatorAttachmentEnforcement},
        register::{
            CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
            UserHandle, Username,
        },
    },
    response::register::{CompressedPubKey, DynamicState, StaticState},
};

use super::events::told;
use crate::{App, problem::Refused};

/// A user's id is the name under which their authenticators keep the passkey.
type Handle = UserHandle<16>;
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// So many a user may have.
const MOST: u32 = 20;
/// So many ceremonies may be under way; each ends by itself after five minutes.
const REGISTRATIONS: usize = 1 << 12;
const SIGN_INS: usize = 1 << 16;

/// The ceremonies that are under way. In memory: who began one before a restart begins again.
pub(crate) struct Passkeys {
    rp: RpId,
    origin: String,
    registrations: Mutex<FixedCapHashSet<RegistrationServerState<16>>>,
    sign_ins: Mutex<FixedCapHashSet<DiscoverableAuthenticationServerState>>,
}

fn refused() -> Refused {
    Problem::new(
        Code::SignInRefused,
        "the passkey is not known here, or did not sign what it was asked to",
    )
    .into()
}

fn busy() -> Refused {
    Problem::new(Code::Overloaded, "too many passkey sign-ins are under way").into()
}

fn failed() -> Refused {
    Problem::new(Code::Internal, "the passkey request cannot be made").into()
}

impl Passkeys {
    /// For pages of this origin; nothing if its host is no domain.
    pub(super) fn new(origin: &str) -> Option<Self> {
        let (_, host) = origin.split_once("://")?;
        let (host, _) = host.split_once(':').unwrap_or((host, ""));
        Some(Self {
            rp: RpId::Domain(AsciiDomain::try_from(host.to_owned()).ok()?),
            origin: origin.to_owned(),
            registrations: Mutex::new(FixedCapHashSet::new(REGISTRATIONS)),
            sign_ins: Mutex::new(FixedCapHashSet::new(SIGN_INS)),
        })
    }

    /// What a browser is to be asked for a new passkey (`PublicKeyCredentialCreationOptionsJSON`).
    pub(crate) fn begin_registration(&self, user: &User) -> Result<Value, Refused> {
        let id = Handle::decode(*user.id.0.as_bytes()).map_err(|_| failed())?;
        let name = user
            .handle
            .as_ref()
            .map_or("wallet", |handle| handle.as_str());
        let entity = PublicKeyCredentialUserEntity {
            name: Username::try_from(name).map_err(|_| failed())?,
            id: &id,
            display_name: None,
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.rp, entity, Vec::new());
        // Asked for and not insisted on: browsers refuse most phones' own passkeys otherwise. The user is verified at
        // every sign-in all the same.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (state, options) = options.start_ceremony().map_err(|_| failed())?;
        let options = serde_json::to_value(&options).map_err(|_| failed())?;
        let mut under_way = self
            .registrations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match under_way.insert_or_replace_all_expired(state) {
            InsertResult::Success => Ok(options),
            InsertResult::CapacityFull | InsertResult::Duplicate => Err(busy()),
        }
    }

    /// What a browser is to be asked to sign in (`PublicKeyCredentialRequestOptionsJSON`).
    pub(crate) fn begin_sign_in(&self) -> Result<Value, Refused> {
        let (state, options) = DiscoverableCredentialRequestOptions::passkey(&self.rp)
            .start_ceremony()
            .map_err(|_| failed())?;
        let options = serde_json::to_value(&options).map_err(|_| failed())?;
        let mut under_way = self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.insert_or_replace_all_expired(state) {
            InsertResult::Success => Ok(options),
            InsertResult::CapacityFull | InsertResult::Duplicate => Err(busy()),
        }
    }

    /// The passkey that a browser made, if it answers a ceremony that the user began.
    fn finish_registration(
        &self,
        app: &App,
        user: UserId,
        name: &str,
        credential: &[u8],
    ) -> Result<Passkey, Refused> {
        let registration = Registration::from_json_relaxed(credential).map_err(|_| refused())?;
        let challenge = registration.challenge_relaxed().map_err(|_| refused())?;
        let state = self
            .registrations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(&challenge)
            .ok_or_else(refused)?;
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let registered = state
            .verify(&self.rp, &registration, &options)
            .map_err(|error| {
                tracing::info!(%error, "a passkey was not registered");
                refused()
            })?;
        if registered.user_id().as_ref() != user.0.as_bytes() {
            return Err(refused());
        }
        Ok(Passkey {
            id: PasskeyId(Uuid::now_v7()),
            user,
            credential: registered.id().as_ref().to_vec(),
            name: name.to_owned(),
            fixed: registered.static_state().encode().map_err(|_| failed())?,
            changing: encoded(registered.dynamic_state()),
            created_at: app.now(),
            last_used_at: None,
        })
    }
}

fn encoded(state: DynamicState) -> Vec<u8> {
    let Ok(bytes) = state.encode();
    bytes.to_vec()
}

/// The ceremonies, where the server has a domain.
pub(crate) fn of(app: &App) -> Result<&Passkeys, Refused> {
    app.accounts.passkeys.as_ref().ok_or_else(|| {
        Problem::new(
            Code::NotFound,
            "passkeys need a domain: the operator has to set http.public_url",
        )
        .into()
    })
}

/// Adds the passkey that a browser made.
pub(crate) async fn add(
    app: &App,
    user: UserId,
    name: &str,
    credential: &Value,
) -> Result<Passkey, Refused> {
    let credential = serde_json::to_vec(credential).map_err(|_| refused())?;
    let passkey = of(app)?.finish_registration(app, user, name, &credential)?;
    let event = told(
        user,
        "account.passkey_added",
        json!({ "passkey": passkey.id, "name": name }),
    );
    let new = NewPasskey {
        passkey,
        most: MOST,
    };
    if app.database.add_passkey(&new, &[event], app.now()).await? {
        Ok(new.passkey)
    } else {
        Err(Problem::new(
            Code::Forbidden,
            "the passkey is registered already, or there are twenty",
        )
        .into())
    }
}

/// Whose passkey signed.
pub(crate) async fn sign_in(app: &App, credential: &Value) -> Result<User, Refused> {
    let passkeys = of(app)?;
    let json = serde_json::to_vec(credential).map_err(|_| refused())?;
    let assertion =
        DiscoverableAuthentication16::from_json_relaxed(&json).map_err(|_| refused())?;
    let challenge = assertion.challenge_relaxed().map_err(|_| refused())?;
    let state = passkeys
        .sign_ins
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take(&challenge)
        .ok_or_else(refused)?;
    let raw_id = assertion.raw_id();
    let known = app.database.passkey(raw_id.as_ref()).await?;
    let known = known.ok_or_else(refused)?;
    let after = verified(passkeys, state, &assertion, &known)?;
    let used = app
        .database
        .use_passkey(known.id, &known.changing, &after, app.now())
        .await?;
    if !used {
        return Err(refused());
    }
    let user = app.database.user(known.user).await?;
    user.filter(|user| user.deleted_at.is_none())
        .ok_or_else(refused)
}

/// What changed in the passkey, if its signature is good.
fn verified(
    passkeys: &Passkeys,
    state: DiscoverableAuthenticationServerState,
    assertion: &DiscoverableAuthentication16,
    known: &Passkey,
) -> Result<Vec<u8>, Refused> {
    let handle = Handle::decode(*known.user.0.as_bytes()).map_err(|_| failed())?;
    let fixed = StaticState::<PublicKey>::decode(known.fixed.as_slice()).map_err(|_| failed())?;
    let changing = <[u8; 7]>::try_from(known.changing.as_slice()).map_err(|_| failed())?;
    let changing = DynamicState::decode(changing).map_err(|_| failed())?;
    let mut credential = AuthenticatedCredential::new(assertion.raw_id(), &handle, fixed, changing)
        .map_err(|_| failed())?;
    let origins = [passkeys.origin.as_str()];
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        // A passkey that is synchronized signs on another device than it was made on.
        auth_attachment_enforcement: AuthenticatorAttachmentEnforcement::Ignore(false),
        ..AuthenticationVerificationOptions::default()
    };
    state
        .verify(&passkeys.rp, assertion, &mut credential, &options)
        .map_err(|error| {
            tracing::info!(%error, "a passkey did not sign in");
            refused()
        })?;
    Ok(encoded(credential.dynamic_state()))
}
