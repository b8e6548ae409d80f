//! What a person hands in: text, a link, a file with either, or a picture with a QR code in it.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context, Result, bail};
use offpay_protocol::wire::Code;

use crate::qr::{is_image, read_image};

/// Photographs of phones have a few megabytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The one code in what was handed in.
///
/// # Errors
///
/// There is none, or more than one that differ.
pub(crate) fn one_code(given: &str) -> Result<Code> {
    let mut found = codes(given)?;
    found.dedup();
    match found.pop() {
        Some(code) if found.is_empty() => Ok(code),
        Some(_) => bail!("there is more than one OffPay code in it: show one at a time"),
        None => bail!("there is no OffPay code in it"),
    }
}

/// Every code in what was handed in: text, a link, a file's name, or `-` for standard input.
///
/// # Errors
///
/// There is none, or one of them cannot be read.
pub(crate) fn codes(given: &str) -> Result<Vec<Code>> {
    let trimmed = given.trim_matches(['\r', '\n', '\t']);
    match Code::parse(trimmed) {
        Ok(code) => Ok(vec![code]),
        Err(error) if looks_like_a_code(trimmed) => Err(error).context("the code cannot be read"),
        Err(_) => texts(&bytes(given)?).with_context(|| {
            format!(
                "in {}",
                if given == "-" {
                    "standard input"
                } else {
                    given
                }
            )
        }),
    }
}

fn looks_like_a_code(text: &str) -> bool {
    let version = text
        .strip_prefix("OP")
        .and_then(|rest| rest.split_once(':'));
    let is_link = text.starts_with("http://") || text.starts_with("https://");
    version.is_some_and(|(version, _)| version.bytes().all(|byte| byte.is_ascii_digit())) || is_link
}

fn bytes(given: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if given == "-" {
        io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        return Ok(bytes);
    }
    let path = Path::new(given);
    let file = fs::File::open(path)
        .with_context(|| format!("{given} is neither an OffPay code nor a file"))?;
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {given}"))?;
    Ok(bytes)
}

fn texts(bytes: &[u8]) -> Result<Vec<Code>> {
    let texts = if is_image(bytes) {
        read_image(bytes)?
    } else {
        let text = std::str::from_utf8(bytes)
            .ok()
            .context("neither text nor a PNG or JPEG picture")?;
        text.lines()
            .map(|line| line.trim_end_matches('\r').to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    };
    let codes: Result<Vec<Code>> = texts
        .iter()
        .filter(|text| looks_like_a_code(text))
        .map(|text| Code::parse(text).context("the code cannot be read"))
        .collect();
    match codes {
        Ok(codes) if codes.is_empty() => bail!("there is no OffPay code"),
        codes => codes,
    }
}

#[cfg(test)]
mod tests {
    use offpay_protocol::{
        AccountId, Amount, Domain, Nonce, Timestamp, messages::Request, wire::RequestCode,
    };

    use super::*;
    use crate::qr::{Drawing, write_png};

    fn code(nonce: u8) -> Code {
        let domain = Domain::new(1, [0xff; 20].into());
        let request = Request {
            payee: AccountId::new([1; 20].into()),
            amount: Amount::from_u64(5),
            nonce: Nonce::short([nonce; 8]),
            expires_at: Timestamp::ZERO,
            name: "Blue Door".into(),
            memo: String::new(),
        };
        RequestCode::new(&domain, request, None).into()
    }

    #[test]
    fn text_links_files_and_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (code, text) = (code(1), code(1).to_text().unwrap());
        assert_eq!(one_code(&text).unwrap(), code);
        assert_eq!(one_code(&format!("{text}\n")).unwrap(), code);
        assert_eq!(
            one_code(&code.to_link("https://pay.example/p").unwrap()).unwrap(),
            code
        );
        fs::write(file("text"), format!("{text}\r\n")).unwrap();
        assert_eq!(one_code(&file("text")).unwrap(), code);
        write_png(&Drawing::of(&text).unwrap(), file("code.png").as_ref()).unwrap();
        assert_eq!(one_code(&file("code.png")).unwrap(), code);
    }

    #[test]
    fn several_codes_are_asked_for_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("codes");
        let lines = [code(1), code(2)]
            .map(|code| code.to_text().unwrap())
            .join("\n");
        fs::write(&file, lines).unwrap();
        let name = file.to_str().unwrap();
        assert_eq!(codes(name).unwrap().len(), 2);
        assert!(
            one_code(name)
                .unwrap_err()
                .to_string()
                .contains("more than one")
        );
    }

    #[test]
    fn damaged_codes_say_so() {
        for text in [
            "OP1:",
            "OP1:AB",
            "OP2:AAAA",
            "https://pay.example/p#****",
            "no such file",
        ] {
            assert!(one_code(text).is_err(), "{text}");
        }
    }
}
