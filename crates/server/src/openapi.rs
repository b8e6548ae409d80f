//! The OpenAPI document: derived from the endpoints, with what all of them share.

use utoipa::{
    OpenApi,
    openapi::{
        self, Content, ContentBuilder, HeaderBuilder, Ref, RefOr, Required, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        schema::{ObjectBuilder, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::http;

/// What stands above the endpoints.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "OffPay",
        description = "Offline payments, settled on an EVM chain.\n\n\
            Amounts are decimal strings in base units; `GET /v1/operator` tells the token's decimals. Addresses and \
            hashes are hexadecimal. Times are seconds since 1970. Errors are problems (RFC 9457) with a stable `code`. \
            Send an `Idempotency-Key` with every POST: then it is safe to send again."
    ),
    components(schemas(offpay_api::Problem, offpay_api::Code))
)]
pub struct Document;

/// Adds to every operation what all have: errors, the request's id, and idempotency where something is changed.
#[must_use]
pub fn finish(mut document: openapi::OpenApi) -> openapi::OpenApi {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            operation
                .responses
                .responses
                .entry("default".to_owned())
                .or_insert_with(|| RefOr::T(problem()));
        }
        if path.starts_with("/v1/")
            && !http::is_key_needless(path)
            && let Some(post) = &mut item.post
        {
            post.parameters
                .get_or_insert_with(Vec::new)
                .push(RefOr::T(idempotency_key()));
        }
    }
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("token", SecurityScheme::Http(bearer()));
    document
}

fn bearer() -> openapi::security::Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A session's token, an app's access token, or the operator's",
        ))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// An operation's id: the handlers' names are short, and not the only ones of their kind.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path.trim_start_matches("/v1").split('/') {
        let part = part.trim_matches(['{', '}']).replace(['-', '.'], "_");
        if !part.is_empty() {
            name.push('_');
            name.push_str(&part);
        }
    }
    name
}

fn problem() -> openapi::Response {
    let content: Content = ContentBuilder::new()
        .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
        .build();
    let id = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some("Names the request in the log"))
        .build();
    ResponseBuilder::new()
        .description("It was refused, or failed: `code` says why")
        .content("application/problem+json", content)
        .header("x-request-id", id)
        .build()
}

fn idempotency_key() -> openapi::path::Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Any text that is used for this request alone, such as a UUID. Sent again with the same body within 24 \
             hours, the request is not done again and its first answer is given.",
        ))
        .schema(Some(schema))
        .build()
}
