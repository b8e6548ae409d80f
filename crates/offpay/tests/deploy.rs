//! `offpay deploy`.
#![allow(missing_docs)]

mod support;

use std::{fs, path::Path};

use offpay_chain::{Contract, Deployment, LocalChain, LocalChainOptions, Sender};
use support::{Ran, hex, offpay, program, read};

async fn chain() -> (LocalChain, Sender, tempfile::TempDir) {
    let chain = LocalChain::start(&LocalChainOptions::default())
        .await
        .unwrap();
    let sender = chain.sender("deployer").await.unwrap();
    (chain, sender, tempfile::tempdir().unwrap())
}

fn deploy(chain: &LocalChain, sender: &Sender, out: &Path, more: &[&str]) -> Ran {
    let (key, out) = (hex(sender.key()), out.display().to_string());
    let mut arguments = vec![
        "deploy",
        "--rpc-url",
        chain.url(),
        "--private-key",
        &key,
        "--out",
        &out,
        "--json",
    ];
    arguments.extend(more);
    offpay(&arguments)
}

#[tokio::test]
async fn deploying_twice_is_deploying_once() {
    let (chain, sender, folder) = chain().await;
    let out = folder.path().join("deployment.json");
    let explorer = folder.path().join("explorer");
    let explorer = explorer.display().to_string();
    let ran = deploy(&chain, &sender, &out, &["--explorer", &explorer]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let written = read(&out);
    assert_eq!(ran.json(), written);
    assert_eq!(written["chainId"], 31337);
    assert!(written["tx"].is_string());

    let deployment = Deployment::read(&out).unwrap();
    let contract = Contract::open_deployment(chain.node(), &deployment)
        .await
        .unwrap();
    assert_eq!(contract.configuration().treasury, sender.account());

    let before = chain
        .node()
        .block(offpay_chain::BlockId::latest())
        .await
        .unwrap()
        .number;
    let again = deploy(&chain, &sender, &out, &[]);
    assert_eq!(again.json(), written);
    let other = folder.path().join("other.json");
    assert_eq!(deploy(&chain, &sender, &other, &[]).json(), written);
    assert_eq!(
        chain
            .node()
            .block(offpay_chain::BlockId::latest())
            .await
            .unwrap()
            .number,
        before
    );

    let input =
        fs::read_to_string(folder.path().join("explorer/OffPay.compiler-input.json")).unwrap();
    assert!(input.contains("src/OffPay.sol"));
    let form = read(&folder.path().join("explorer/OffPay.verification.json"));
    assert_eq!(
        form["constructorArguments"].as_str().unwrap().len(),
        2 + 64 * 7
    );
}

#[tokio::test]
async fn another_deployments_file_is_not_overwritten() {
    let (chain, sender, folder) = chain().await;
    let out = folder.path().join("deployment.json");
    assert_eq!(deploy(&chain, &sender, &out, &[]).code, 0);
    let written = read(&out);
    let ran = deploy(&chain, &sender, &out, &["--settlement-period", "3600"]);
    assert!(
        ran.failed() == "error" && ran.stdout.contains("name another file"),
        "{ran:?}"
    );
    assert_eq!(read(&out), written);
    let ran = deploy(
        &chain,
        &sender,
        &folder.path().join("missing/deployment.json"),
        &[],
    );
    assert!(
        ran.failed() == "error" && ran.stdout.contains("cannot write into"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_key_can_come_from_the_environment_or_a_keystore() {
    let (chain, sender, folder) = chain().await;
    let out = folder.path().join("deployment.json").display().to_string();
    let arguments = ["deploy", "--rpc-url", chain.url(), "--out", &out, "--json"];
    let ran = offpay(&arguments);
    assert!(
        ran.failed() == "error" && ran.stdout.contains("nobody to pay for the gas"),
        "{ran:?}"
    );

    let ran: Ran = program()
        .args(arguments)
        .env("OFFPAY_PRIVATE_KEY", hex(sender.key()))
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, 0, "{ran:?}");

    let mut cast = std::process::Command::new(cast());
    let (keys, secret) = (folder.path().display().to_string(), hex(sender.key()));
    cast.args([
        "wallet",
        "import",
        "deployer",
        "--keystore-dir",
        &keys,
        "--private-key",
        &secret,
    ]);
    assert!(
        cast.args(["--unsafe-password", "secret"])
            .output()
            .unwrap()
            .status
            .success()
    );
    let password = folder.path().join("password");
    fs::write(&password, "secret\n").unwrap();
    let (keystore, password) = (
        folder.path().join("deployer").display().to_string(),
        password.display().to_string(),
    );
    let ran = offpay(
        &[
            &arguments[..],
            &["--keystore", &keystore, "--password-file", &password],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["deployer"], sender.address().to_string());
    // A keystore goes before a key in the environment.
    fs::write(&password, "wrong").unwrap();
    let ran: Ran = program()
        .args(arguments)
        .args(["--keystore", &keystore, "--password-file", &password])
        .env("OFFPAY_PRIVATE_KEY", hex(sender.key()))
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.failed(), "keystore");
}

fn cast() -> std::path::PathBuf {
    let platform = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let processor = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let package =
        format!("../../contracts/node_modules/@foundry-rs/cast-{platform}-{processor}/bin/cast");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(package)
}

#[tokio::test]
async fn what_cannot_be_deployed_is_refused_before_anything_is_sent() {
    let (chain, sender, folder) = chain().await;
    let out = folder.path().join("deployment.json");
    let fee_token = include_str!("../../chain/tests/tokens/FeeToken.hex").trim();
    let fee_token = deploy_code(&chain, &sender, fee_token).await;
    let before = chain
        .node()
        .block(offpay_chain::BlockId::latest())
        .await
        .unwrap()
        .number;
    let nowhere = "0x0000000000000000000000000000000000000055";
    for (more, code, says) in [
        (
            ["--token", fee_token.as_str()],
            "TokenTookFee",
            "takes a fee",
        ),
        (["--token", nowhere], "error", "there is no token at"),
        (
            ["--token", "0x4e59b44847b379578588920cA78FbF26c0B4956C"],
            "",
            "is it an ERC-20?",
        ),
        (
            ["--settlement-period", "0"],
            "InvalidConfiguration",
            "out of its range",
        ),
        (
            ["--close-delay", "100000"],
            "InvalidConfiguration",
            "out of its range",
        ),
        (
            ["--healthy-collateral", "0"],
            "InvalidConfiguration",
            "out of its range",
        ),
        (
            ["--healthy-collateral", "ten"],
            "error",
            "not a decimal number",
        ),
        (
            ["--treasury", "0x0000000000000000000000000000000000000000"],
            "InvalidConfiguration",
            "out of its range",
        ),
    ] {
        let ran = deploy(&chain, &sender, &out, &more);
        let failed = ran.failed();
        assert!(code.is_empty() || failed == code, "{more:?}: {failed}");
        assert!(ran.stdout.contains(says), "{more:?}: {ran:?}");
        assert!(!out.exists(), "{more:?}");
    }
    let ran = deploy(&chain, &sender, &out, &["--open-penalty", "10001"]);
    assert_eq!(ran.code, 2);
    let poor = Sender::new(support::key("poor"));
    assert_eq!(deploy(&chain, &poor, &out, &[]).failed(), "no_gas");
    assert_eq!(
        chain
            .node()
            .block(offpay_chain::BlockId::latest())
            .await
            .unwrap()
            .number,
        before
    );
}

async fn deploy_code(chain: &LocalChain, sender: &Sender, code: &str) -> String {
    let request = serde_json::json!({ "from": sender.address(), "data": format!("0x{code}"), "gas": "0x4c4b40" });
    chain
        .request::<_, ()>("anvil_impersonateAccount", (sender.address(),))
        .await
        .unwrap();
    let tx = chain
        .request::<_, alloy_primitives::TxHash>("eth_sendTransaction", (request,))
        .await
        .unwrap();
    let receipt = chain.node().mined(tx).await.unwrap();
    assert!(receipt.status());
    receipt.contract_address.unwrap().to_string()
}
