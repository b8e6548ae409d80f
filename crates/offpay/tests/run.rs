//! `offpay run`, `offpay serve` and `offpay check-config`, as programs.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

mod support;

/// A program that runs until it is told to stop.
struct Server {
    child: Child,
    told: Value,
}

impl Server {
    fn run(data: &Path) -> Self {
        Self::run_with(data, &[], &[])
    }

    fn run_with(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = support::program()
            .envs(environment.iter().copied())
            .args(["run", "--json", "--listen", "127.0.0.1:0"])
            .args(["--chain-port", "0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let told = serde_json::from_str(&text).unwrap();
        Self { child, told }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let server = self.told["server"].as_str().unwrap();
        get(server.strip_prefix("http://").unwrap(), path)
    }

    /// Ctrl-C.
    fn interrupt(mut self) -> i32 {
        signal(&self.child, "-INT");
        self.child.wait().unwrap().code().unwrap()
    }
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn the_second_run_finds_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = Server::run(&data);
    assert_eq!(first.get("/readyz").0, 200);
    assert_eq!(first.get("/docs/").0, 200);
    let deployment = fs::read_to_string(data.join("deployment.json")).unwrap();

    let other = support::program()
        .args(["run", "--chain-port", "0", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(2));
    let said = String::from_utf8(other.stderr).unwrap();
    assert!(said.contains("another `offpay run`"), "{said}");

    let told = first.told.clone();
    assert_eq!(told["users"].as_array().unwrap().len(), 2);
    assert_eq!(first.interrupt(), 0, "Ctrl-C is a clean end");
    let second = Server::run(&data);
    assert_eq!(second.told["contract"], told["contract"]);
    assert_eq!(second.told["users"], told["users"]);
    let found = fs::read_to_string(data.join("deployment.json")).unwrap();
    assert_eq!(found, deployment, "nothing was deployed again");
    assert_eq!(second.interrupt(), 0);
}

#[test]
fn settings_come_from_the_environment_and_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("offpay.toml");
    fs::write(
        &config,
        "[clearing]\noperator_name = \"From the file\"\n[http]\nmetrics = false\nbody_limit = 4096\n",
    )
    .unwrap();
    let config = config.to_str().unwrap();
    let data = folder.path().join("data");
    let server = Server::run_with(
        &data,
        &["--no-users", "--config", config],
        &[
            ("OFFPAY_CLEARING__OPERATOR_NAME", "Old Market"),
            ("OFFPAY_HTTP__BODY_LIMIT", "8192"),
        ],
    );
    let (status, operator) = server.get("/v1/operator");
    assert_eq!(status, 200);
    assert!(operator.contains("Old Market"), "{operator}");
    assert_eq!(server.get("/metrics").0, 404, "the file says so");
    // Its own operator's token opens its admin API.
    let token = server.told["adminToken"].as_str().unwrap();
    let url = server.told["server"].as_str().unwrap();
    let overview = support::offpay(&[
        "operator",
        "overview",
        "--server",
        url,
        "--token-file",
        token,
        "--json",
    ]);
    assert_eq!(overview.code, 0, "{overview:?}");
    assert_eq!(overview.json()["database"], "sqlite");
    assert_eq!(server.interrupt(), 0);

    for (name, value) in [
        ("OFFPAY_DATABASE__URL", "sqlite:elsewhere.db"),
        ("OFFPAY_KEYS__GAS__FILE", "elsewhere.key"),
    ] {
        let refused: support::Ran = support::program()
            .env(name, value)
            .args(["run", "--chain-port", "0", "--data"])
            .arg(&data)
            .output()
            .unwrap()
            .into();
        assert_eq!(refused.code, 2, "{name}");
        assert!(refused.stderr.contains("cannot be set"), "{refused:?}");
    }
    fs::write(config, "[http]\nrequest_timeout = 0\n").unwrap();
    let wrong: support::Ran = support::program()
        .args(["run", "--chain-port", "0", "--config", config, "--data"])
        .arg(&data)
        .output()
        .unwrap()
        .into();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("http.request_timeout"), "{wrong:?}");
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::run(folder.path());
    let mut keys = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|kind| kind == "key") {
            keys += 1;
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{:?}", entry.path());
        }
    }
    assert!(keys >= 4);
    assert_eq!(server.interrupt(), 0);
}

#[test]
fn the_same_as_in_production_and_sigterm_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = Server::run(folder.path());
    let key = |name: &str| {
        folder
            .path()
            .join(format!("{name}.key"))
            .display()
            .to_string()
    };
    let config = folder.path().join("offpay.toml");
    fs::write(
        &config,
        format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:{}\"\n[chain]\nnodes = [{}]\n\
             deployment = {}\n[keys]\noperator = {{ file = \"{}\" }}\ngas = {{ file = \"{}\" }}\n\
             [vault]\nmaster_keys = [{{ id = \"one\", key = {{ file = \"{}\" }} }}]\n",
            folder.path().join("other.db").display(),
            run.told["chain"],
            run.told["deployment"],
            key("operator"),
            key("gas"),
            key("vault"),
        ),
    )
    .unwrap();
    let config = config.to_str().unwrap();
    let checked = support::offpay(&["check-config", "--config", config]);
    assert_eq!(checked.code, 0, "{checked:?}");
    for name in ["operator", "gas"] {
        let secret = fs::read_to_string(key(name)).unwrap();
        assert!(!checked.stdout.contains(secret.trim()));
    }

    let mut serving = support::program()
        .args(["serve", "--config", config])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(serving.stderr.take().unwrap()).lines();
    let address = log
        .by_ref()
        .find_map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).ok()?;
            Some(line["address"].as_str()?.to_owned())
        })
        .unwrap();
    assert_eq!(get(&address, "/readyz").0, 200);
    signal(&serving, "-TERM");
    assert_eq!(serving.wait().unwrap().code(), Some(0));
    assert_eq!(run.interrupt(), 0);
}

#[test]
fn what_is_wrong_with_a_configuration_is_told_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("offpay.toml");
    fs::write(
        &config,
        "[http]\nrequest_timeout = 0\n[database]\nurl = \"mysql://me:hunter2@host\"\n[keys]\noperator = \"hunter2\"\n",
    )
    .unwrap();
    let config = config.to_str().unwrap();
    for command in ["check-config", "serve"] {
        let ran = support::offpay(&[command, "--config", config]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        for setting in ["http.request_timeout", "database.url", "keys.operator"] {
            assert!(said.contains(setting), "{command}: {said}");
        }
        assert!(!said.contains("hunter2"), "{command}: {said}");
        assert_ne!(ran.code, 0);
    }
}

/// The example has to stay true.
#[test]
fn the_example_is_understood() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/offpay.example.toml");
    let text = fs::read_to_string(&example).unwrap();
    // What is commented out as a setting is one, too.
    let uncommented: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting)
                if setting
                    .split_once(" = ")
                    .is_some_and(|(name, _)| is_name(name)) =>
            {
                format!("{setting}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offpay.toml");
    fs::write(&file, uncommented).unwrap();
    for file in [example.as_path(), &file] {
        let ran = support::offpay(&["check-config", "--json", "--config", file.to_str().unwrap()]);
        assert_eq!(ran.code, 1, "its files are not here: {ran:?}");
        for wrong in ran.json()["wrong"].as_array().unwrap() {
            let reason = wrong["reason"].as_str().unwrap();
            let is_a_place = ["/etc/offpay/", "/usr/share/offpay/"]
                .iter()
                .any(|place| reason.contains(place));
            assert!(is_a_place, "{wrong}");
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
