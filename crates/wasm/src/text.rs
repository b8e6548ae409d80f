//! Commands and entries out of their texts.
//!
//! All of it is read by way of a [`Value`], and no enum of many variants has its name in a field beside its content: each
//! further way to read all records is tens of kilobytes that a phone has to load.

use offpay_wallet::storage::Entry;
use serde_json::{Map, Value};

use crate::{Failure, command::Command};

/// A command of the page: `{"do": name, …}`.
pub(crate) fn command(text: &str) -> Result<Command, Failure> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).map_err(Failure::malformed)?;
    let Some(Value::String(name)) = fields.remove("do") else {
        return Err(Failure::malformed("a command without a name"));
    };
    let content = if fields.is_empty() {
        Value::Null
    } else {
        Value::Object(fields)
    };
    serde_json::from_value(named(name, content)).map_err(Failure::malformed)
}

/// An entry as it is stored. Phones that were set up early have some of the form `{"what": name, "with": content}`.
pub(crate) fn entry(text: &str) -> Result<Entry, serde_json::Error> {
    let mut entry: Value = serde_json::from_str(text)?;
    if let Some(use_case) = entry.get_mut("useCase")
        && let Some(name) = use_case.get("what").and_then(Value::as_str)
    {
        let name = name.to_owned();
        let content = use_case.get_mut("with").map_or(Value::Null, Value::take);
        *use_case = named(name, content);
    }
    serde_json::from_value(entry)
}

fn named(name: String, content: Value) -> Value {
    Value::Object(Map::from_iter([(name, content)]))
}
