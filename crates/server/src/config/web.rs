//! `[web]`

use std::path::PathBuf;

use serde::Deserialize;

use super::{Invalid, http::is_origin};

/// The web app, and what it is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSection {
    /// The folder of a built web app (`web/dist`), to be served instead of the one inside the program. It is read at the
    /// start.
    pub folder: Option<PathBuf>,
    /// Nodes that browsers ask as well, directly, and compare with what this server's node says. Their origins are let
    /// through by the app's policy, and nothing else is.
    pub nodes: Vec<String>,
    /// Questions to the node per minute of one address. 0: no limit.
    pub questions_per_minute: u32,
    /// What the operator's circle is called; the operator's name where nothing is said.
    pub circle_name: Option<String>,
    /// The currency that amounts are shown in besides the token, as ISO 4217 has it: `EUR`.
    pub currency: Option<String>,
    /// What one token is worth in it: `0.92`. For showing: nothing is decided by it.
    pub currency_per_token: Option<String>,
}

impl Default for WebSection {
    fn default() -> Self {
        Self {
            folder: None,
            nodes: Vec::new(),
            questions_per_minute: 1_200,
            circle_name: None,
            currency: None,
            currency_per_token: None,
        }
    }
}

impl WebSection {
    /// The origin of a node's URL, for the app's policy.
    pub(crate) fn origin(node: &str) -> Option<String> {
        let url: axum::http::Uri = node.parse().ok()?;
        let origin = format!("{}://{}", url.scheme_str()?, url.authority()?);
        is_origin(&origin).then_some(origin)
    }

    pub(super) fn check(&self, invalid: &mut Vec<Invalid>) {
        if let Some(folder) = &self.folder
            && !folder.join("index.html").is_file()
        {
            let reason = format!(
                "{} has no index.html: name the folder that scripts/web builds, web/dist",
                folder.display()
            );
            invalid.push(Invalid::new("web.folder", reason));
        }
        if self.nodes.iter().any(|node| Self::origin(node).is_none()) {
            let reason = "has to be http or https URLs; browsers see them, so none with a key";
            invalid.push(Invalid::new("web.nodes", reason));
        }
        let is_code =
            |code: &String| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !self.currency.as_ref().is_none_or(is_code) {
            let reason = "has to be three capital letters, like EUR";
            invalid.push(Invalid::new("web.currency", reason));
        }
        if !self.currency_per_token.as_deref().is_none_or(is_decimal) {
            let reason = "has to be a number greater than 0, like 0.92";
            invalid.push(Invalid::new("web.currency_per_token", reason));
        }
        if self.currency.is_some() != self.currency_per_token.is_some() {
            let reason = "currency and currency_per_token go together";
            invalid.push(Invalid::new("web.currency", reason));
        }
    }
}

/// Digits with perhaps a point among them, and not zero.
fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits =
        |part: &str| (1..=18).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && text.bytes().any(|b| (b'1'..=b'9').contains(&b))
}
