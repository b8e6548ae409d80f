//! What the served OpenAPI document says of each endpoint: where a made-up request begins.

use serde_json::{Map, Number, Value, json};

use super::{choices::Choices, words};

/// How deep a made-up value goes.
const DEEPEST: usize = 6;

/// The served document.
pub(crate) struct Document(pub(crate) Value);

/// An endpoint of it.
#[derive(Debug)]
pub(crate) struct Endpoint<'a> {
    pub(crate) method: String,
    pub(crate) path: &'a str,
    /// The names of what it takes in the query.
    pub(crate) query: Vec<&'a str>,
    /// The media type and the schema of its body.
    pub(crate) body: Option<(&'a str, &'a Value)>,
}

impl Document {
    pub(crate) fn endpoints(&self) -> Vec<Endpoint<'_>> {
        let mut all = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if !operation["responses"].is_object() {
                    continue;
                }
                let parameters = operation["parameters"].as_array();
                let query = parameters
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str())
                    .collect();
                let body = operation["requestBody"]["content"]
                    .as_object()
                    .and_then(|kinds| kinds.iter().next())
                    .map(|(kind, content)| (kind.as_str(), &content["schema"]));
                all.push(Endpoint {
                    method: method.to_uppercase(),
                    path,
                    query,
                    body,
                });
            }
        }
        all
    }

    /// A value of the schema, for the most part: now and then a field is missing, there is one more, or it is something
    /// else altogether.
    pub(crate) fn value(
        &self,
        schema: &Value,
        words: &words::Words,
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Value {
        if depth > DEEPEST || choices.once_in(24) {
            return words.odd(choices);
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.trim_start_matches("#/components/schemas/");
            let schema = &self.0["components"]["schemas"][name];
            return self.value(schema, words, choices, depth + 1);
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return values[choices.below(values.len())].clone();
        }
        for several in ["oneOf", "anyOf"] {
            if let Some(schemas) = schema[several].as_array().filter(|all| !all.is_empty()) {
                let one = &schemas[choices.below(schemas.len())];
                return self.value(one, words, choices, depth + 1);
            }
        }
        if let Some(schemas) = schema["allOf"].as_array() {
            let mut together = Map::new();
            for one in schemas {
                if let Value::Object(fields) = self.value(one, words, choices, depth + 1) {
                    together.extend(fields);
                }
            }
            return Value::Object(together);
        }
        match kind(schema, choices) {
            "object" => self.object(schema, words, choices, depth),
            "array" => {
                let items = (0..choices.below(4))
                    .map(|_| self.value(&schema["items"], words, choices, depth + 1))
                    .collect();
                Value::Array(items)
            }
            "integer" | "number" => Value::Number(number(choices)),
            "boolean" => json!(choices.once_in(2)),
            "null" => Value::Null,
            "string" => json!(words.text(choices)),
            _ => words.odd(choices),
        }
    }

    fn object(
        &self,
        schema: &Value,
        words: &words::Words,
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Value {
        let mut fields = Map::new();
        let none = Map::new();
        let required = |name: &str| {
            let names = schema["required"].as_array();
            names.is_some_and(|names| names.iter().any(|one| one == name))
        };
        for (name, field) in schema["properties"].as_object().unwrap_or(&none) {
            let left_out = if required(name) { 24 } else { 2 };
            if !choices.once_in(left_out) {
                fields.insert(name.clone(), self.value(field, words, choices, depth + 1));
            }
        }
        if choices.once_in(24) {
            fields.insert(words.text(choices), words.odd(choices));
        }
        Value::Object(fields)
    }
}

fn kind<'a>(schema: &'a Value, choices: &mut Choices<'_>) -> &'a str {
    match &schema["type"] {
        Value::Array(kinds) if !kinds.is_empty() => kinds[choices.below(kinds.len())]
            .as_str()
            .unwrap_or_default(),
        Value::String(kind) => kind,
        _ if schema["properties"].is_object() => "object",
        _ => "",
    }
}

fn number(choices: &mut Choices<'_>) -> Number {
    match choices.below(12) {
        0 => 1.into(),
        1 => 0.into(),
        2 => (-1).into(),
        3 => 65_535.into(),
        4 => 65_536.into(),
        5 => u32::MAX.into(),
        6 => i64::MAX.into(),
        7 => u64::MAX.into(),
        8 => i64::MIN.into(),
        9 => 253_402_300_800_u64.into(),
        10 => Number::from_f64(0.5).unwrap(),
        _ => choices.byte().into(),
    }
}
