use data_encoding::BASE64URL_NOPAD;
use minicbor::Encoder;
use offpay_server::testing::{Answer, TestServer};
use offpay_store::testing::Engine;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{PASSWORD, delete, pass, register, text};

const ORIGIN: &str = "https://pay.example";

/// An authenticator in software: one passkey, with the user verified.
struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    user: Vec<u8>,
    counter: u32,
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn client_data(kind: &str, challenge: &Value, origin: &str) -> Vec<u8> {
    format!(
        r#"{{"type":"{kind}","challenge":"{}","origin":"{origin}","crossOrigin":false}}"#,
        text(challenge)
    )
    .into_bytes()
}

impl Authenticator {
    fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: vec![seed; 16],
            user: Vec::new(),
            counter: 0,
        }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest("pay.example").to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// `navigator.credentials.create`
    fn create(&mut self, options: &Value, origin: &str) -> Value {
        self.user = BASE64URL_NOPAD
            .decode(text(&options["user"]["id"]).as_bytes())
            .unwrap();
        let point = self.key.verifying_key().to_encoded_point(false);
        let mut data = self.data(0x45);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let mut cose = Encoder::new(&mut data);
        cose.map(5).unwrap();
        cose.i8(1)
            .unwrap()
            .i8(2)
            .unwrap()
            .i8(3)
            .unwrap()
            .i8(-7)
            .unwrap();
        cose.i8(-1).unwrap().i8(1).unwrap();
        cose.i8(-2).unwrap().bytes(point.x().unwrap()).unwrap();
        cose.i8(-3).unwrap().bytes(point.y().unwrap()).unwrap();
        let mut attestation = Encoder::new(Vec::new());
        attestation.map(3).unwrap();
        attestation.str("fmt").unwrap().str("none").unwrap();
        attestation.str("attStmt").unwrap().map(0).unwrap();
        attestation.str("authData").unwrap().bytes(&data).unwrap();
        let client = client_data("webauthn.create", &options["challenge"], origin);
        json!({
            "id": base64(&self.id),
            "rawId": base64(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(&client),
                "attestationObject": base64(attestation.writer()),
                "transports": ["internal"],
            },
        })
    }

    /// `navigator.credentials.get`
    fn get(&mut self, options: &Value, origin: &str, flags: u8) -> Value {
        self.counter += 1;
        let data = self.data(flags);
        let client = client_data("webauthn.get", &options["challenge"], origin);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": base64(&self.id),
            "rawId": base64(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(&client),
                "authenticatorData": base64(&data),
                "signature": base64(signature.to_der().as_bytes()),
                "userHandle": base64(&self.user),
            },
        })
    }
}

async fn options(server: &TestServer, path: &str, token: Option<&str>) -> Value {
    let answer = server.post(path, token, &json!({})).await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body["options"].clone()
}

async fn add(server: &TestServer, token: &str, credential: Value) -> Answer {
    let body = json!({ "name": "phone", "credential": credential });
    server
        .post("/v1/passkeys", Some(token), &body)
        .await
        .unwrap()
}

async fn sign_in(server: &TestServer, credential: Value) -> Answer {
    let body = json!({ "credential": credential });
    server
        .post("/v1/sessions/passkey", None, &body)
        .await
        .unwrap()
}

async fn sign_in_options(server: &TestServer) -> Value {
    options(server, "/v1/sessions/passkey/options", None).await
}

const OPTIONS: &str = "/v1/passkeys/options";
/// User present, user verified.
const VERIFIED: u8 = 0x05;
/// User present alone.
const PRESENT: u8 = 0x01;

#[tokio::test(flavor = "multi_thread")]
async fn o73_a_passkey_is_registered_and_signs_in() {
    for engine in Engine::ALL {
        let server = TestServer::start_with(engine, |config| {
            config.http.public_url = Some(ORIGIN.to_owned());
        })
        .await
        .unwrap();
        let ana = register(&server, "ana").await;
        let bea = register(&server, "bea").await;
        let mut phone = Authenticator::new(7);

        // Somebody else's ceremony, another site's, an old one: none of them registers it.
        let asked = options(&server, OPTIONS, Some(&ana.token)).await;
        // What phones' own passkeys do not have is not insisted on.
        assert_eq!(
            asked["extensions"]["enforceCredentialProtectionPolicy"], false,
            "{asked}"
        );
        let made = phone.create(&asked, ORIGIN);
        assert_eq!(
            add(&server, &bea.token, made.clone()).await.code(),
            "sign_in_refused"
        );
        assert_eq!(
            add(&server, &ana.token, made).await.code(),
            "sign_in_refused",
            "used up"
        );
        let asked = options(&server, OPTIONS, Some(&ana.token)).await;
        let made = phone.create(&asked, "https://evil.example");
        assert_eq!(
            add(&server, &ana.token, made).await.code(),
            "sign_in_refused"
        );
        let asked = options(&server, OPTIONS, Some(&ana.token)).await;
        let added = add(&server, &ana.token, phone.create(&asked, ORIGIN)).await;
        assert_eq!(
            added.status,
            StatusCode::CREATED,
            "{engine:?} {}",
            added.text
        );
        let asked = options(&server, OPTIONS, Some(&bea.token)).await;
        let again = phone.create(&asked, ORIGIN);
        assert_eq!(
            add(&server, &bea.token, again).await.code(),
            "forbidden",
            "it is Ana's"
        );
        let asked = options(&server, OPTIONS, Some(&ana.token)).await;
        phone.create(&asked, ORIGIN);

        // Signing in, and ways not to.
        let asked = sign_in_options(&server).await;
        let good = phone.get(&asked, ORIGIN, VERIFIED);
        let signed_in = sign_in(&server, good.clone()).await;
        assert_eq!(
            signed_in.status,
            StatusCode::CREATED,
            "{engine:?} {}",
            signed_in.text
        );
        assert_eq!(signed_in.body["account"], ana.answer["account"]);
        assert_eq!(
            sign_in(&server, good).await.code(),
            "sign_in_refused",
            "replayed"
        );
        let asked = sign_in_options(&server).await;
        let phished = phone.get(&asked, "https://evil.example", VERIFIED);
        assert_eq!(sign_in(&server, phished).await.code(), "sign_in_refused");
        let asked = sign_in_options(&server).await;
        let unverified = phone.get(&asked, ORIGIN, PRESENT);
        assert_eq!(sign_in(&server, unverified).await.code(), "sign_in_refused");
        let mut forger = Authenticator::new(8);
        (forger.id, forger.user, forger.counter) = (phone.id.clone(), phone.user.clone(), 90);
        let asked = sign_in_options(&server).await;
        let forged = forger.get(&asked, ORIGIN, VERIFIED);
        assert_eq!(sign_in(&server, forged).await.code(), "sign_in_refused");
        let asked = sign_in_options(&server).await;
        phone.counter = 0;
        let copied = phone.get(&asked, ORIGIN, VERIFIED);
        assert_eq!(
            sign_in(&server, copied).await.code(),
            "sign_in_refused",
            "its counter went back"
        );

        // A passkey's session sets a new password without the old one.
        phone.counter = 50;
        let asked = sign_in_options(&server).await;
        let fresh = sign_in(&server, phone.get(&asked, ORIGIN, VERIFIED)).await;
        let token = text(&fresh.body["token"]).to_owned();
        let body = json!({ "new": "another staple tonight" });
        let changed = server
            .post("/v1/me/password", Some(&token), &body)
            .await
            .unwrap();
        assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
        assert_eq!(
            crate::support::sign_in(&server, "ana", PASSWORD)
                .await
                .code(),
            "sign_in_refused"
        );

        // Removed, it signs in no more; but only a fresh session removes it.
        let list = server.get("/v1/passkeys", Some(&token)).await.unwrap();
        let path = format!("/v1/passkeys/{}", text(&list.body["passkeys"][0]["id"]));
        assert_eq!(delete(&server, &path, &bea.token).await.code(), "not_found");
        pass(&server, 601);
        assert_eq!(delete(&server, &path, &token).await.code(), "sign_in_again");
        let asked = sign_in_options(&server).await;
        let fresh = sign_in(&server, phone.get(&asked, ORIGIN, VERIFIED)).await;
        let removed = delete(&server, &path, text(&fresh.body["token"])).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
        let asked = sign_in_options(&server).await;
        let gone = phone.get(&asked, ORIGIN, VERIFIED);
        assert_eq!(sign_in(&server, gone).await.code(), "sign_in_refused");
    }
}
