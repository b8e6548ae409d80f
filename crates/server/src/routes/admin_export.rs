//! `GET /v1/admin/export/{what}`

use std::collections::VecDeque;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use offpay_api::{Code, Problem, admin_export::ExportQuery};
use offpay_operator::{
    event::Event,
    hosted::Operation,
    storage::{
        AdminStorage as _, Entered, EventStorage as _, ExportStorage as _, ExportedPayment,
        PaymentPlace, PlaceError, StorageError,
    },
};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, auth::Admin, problem::Refused};

/// So many rows are read at once.
const AT_ONCE: u32 = 500;

/// The route.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Ledger,
    Payments,
    Operations,
    Events,
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

/// Everything of a kind that was there when it was asked for, oldest first: movements of the books (`ledger`), cleared
/// `payments`, `operations` of hosted users (as they are now), or `events`.
///
/// Each line has a `cursor`: with the last one it goes on later, and nothing is left out.
#[utoipa::path(
    get, path = "/v1/admin/export/{what}", tag = "admin",
    params(("what" = String, Path, description = "`ledger`, `payments`, `operations` or `events`"), ExportQuery),
    responses(
        (status = 200, description = "The lines", content(
            (String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 400, description = "There is no such form or cursor", body = Problem),
        (status = 401, description = "It is not the operator who asks", body = Problem),
        (status = 403, description = "A user's token opens nothing here", body = Problem),
        (status = 404, description = "There is nothing of that name to export", body = Problem),
    ),
)]
async fn export(
    State(app): State<App>,
    admin: Admin,
    Path(what): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Refused> {
    let kind = match what.as_str() {
        "ledger" => What::Ledger,
        "payments" => What::Payments,
        "operations" => What::Operations,
        "events" => What::Events,
        _ => {
            let detail = "ledger, payments, operations and events can be exported";
            return Err(Problem::new(Code::NotFound, detail).into());
        }
    };
    let format = match query.format.as_deref() {
        None | Some("ndjson") => Format::Ndjson,
        Some("csv") => Format::Csv,
        Some(_) => {
            let detail = "format is ndjson or csv";
            return Err(Problem::new(Code::InvalidRequest, detail).into());
        }
    };
    let after = match query.cursor.as_deref() {
        None => PaymentPlace::default(),
        Some(text) => cursor(kind, text)?,
    };
    let upto = horizon(&app, kind).await?;
    let last = match kind {
        What::Payments => after.position,
        What::Ledger | What::Operations => after.number,
        // Those of users who left are deleted.
        What::Events => 0,
    };
    if last > upto {
        let detail = "there is no line of this cursor here, and nothing behind it: if an older copy of the database was restored, \
                      or this is another shard's, export from the beginning";
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let details = json!({ "after": told(kind, after), "upto": upto.to_string() });
    // Who took what out of the house stays known.
    let action = admin.does("books.export", &what, "", details);
    app.database.append_action(&action, app.now()).await?;
    let reader = Reader {
        app,
        kind,
        format,
        after,
        upto,
        lines: header_line(kind, format).into_iter().collect(),
    };
    let lines = stream::try_unfold(reader, |mut reader| async {
        let some = reader.some().await?;
        Ok::<_, StorageError>(some.map(|some| (some, reader)))
    });
    let content_type = match format {
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
    };
    let mut response = Body::from_stream(lines).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

/// Up to which number it is exported: what comes while it runs is for the next time, or it would never end.
async fn horizon(app: &App, kind: What) -> Result<i64, StorageError> {
    match kind {
        What::Ledger => app.database.ledger_horizon().await,
        What::Payments => app.database.clearing_horizon().await,
        What::Operations => app.database.transaction_horizon().await,
        What::Events => app.database.last_event().await,
    }
}

struct Reader {
    app: App,
    kind: What,
    format: Format,
    after: PaymentPlace,
    upto: i64,
    lines: VecDeque<String>,
}

impl Reader {
    /// The next lines in one piece; nothing at the end.
    async fn some(&mut self) -> Result<Option<String>, StorageError> {
        let rows = self.rows().await?;
        let mut text: String = self.lines.drain(..).collect();
        for row in rows {
            self.after = row.0;
            text.push_str(&line(row, self.kind, self.format));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    async fn rows(&self) -> Result<Vec<Row>, StorageError> {
        let (database, place, upto) = (&self.app.database, self.after, self.upto);
        let after = place.number;
        Ok(match self.kind {
            What::Ledger => {
                let found = database.export_movements(after, upto, AT_ONCE).await?;
                found.iter().map(movement).collect()
            }
            What::Payments => {
                let found = database.export_payments(place, upto, AT_ONCE).await?;
                found.iter().map(payment).collect()
            }
            What::Operations => {
                let found = database.export_operations(after, upto, AT_ONCE).await?;
                found.iter().map(operation).collect()
            }
            What::Events => {
                let found = database.events_after(None, after, AT_ONCE).await?;
                let known = found.iter().filter(|event| event.sequence <= upto);
                known.map(event).collect()
            }
        })
    }
}

/// A cursor, and the values of the columns behind it.
type Row = (PaymentPlace, Vec<Value>);

/// The cursor of a line. All but payments have one number.
fn told(kind: What, place: PaymentPlace) -> String {
    match kind {
        What::Payments => place.to_string(),
        What::Ledger | What::Operations | What::Events => place.number.to_string(),
    }
}

/// The place of a line by its cursor.
fn cursor(kind: What, text: &str) -> Result<PaymentPlace, Problem> {
    let place = match kind {
        What::Payments => text.parse(),
        What::Ledger | What::Operations | What::Events => match text.parse() {
            Ok(number @ 0_i64..) => Ok(numbered(number)),
            _ => Err(PlaceError::Malformed),
        },
    };
    place.map_err(|error| {
        let detail = match error {
            PlaceError::Malformed => "a cursor is the `cursor` of a line of this export",
            PlaceError::Number => {
                "a cursor of payments is two numbers, as 5_16390; one alone is of an older program, whose exports could leave \
                 payments out: export payments from the beginning, once"
            }
        };
        Problem::new(Code::InvalidRequest, detail)
    })
}

const fn numbered(number: i64) -> PaymentPlace {
    PaymentPlace {
        position: 0,
        number,
    }
}

const fn columns(kind: What) -> &'static [&'static str] {
    match kind {
        What::Ledger => &["cursor", "at", "source", "debit", "credit", "amount"],
        What::Payments => &[
            "cursor",
            "cleared_at",
            "id",
            "purse",
            "payee",
            "start",
            "amount",
            "cumulative",
            "reference",
            "signature",
        ],
        What::Operations => &[
            "cursor",
            "created_at",
            "id",
            "user",
            "account",
            "kind",
            "state",
            "amount",
            "fee",
            "updated_at",
            "details",
        ],
        What::Events => &["cursor", "at", "kind", "body"],
    }
}

fn movement(entered: &Entered) -> Row {
    let movement = &entered.movement;
    (
        numbered(entered.number),
        vec![
            json!(entered.at),
            json!(entered.source),
            json!(movement.from().to_string()),
            json!(movement.to().to_string()),
            json!(movement.amount()),
        ],
    )
}

fn payment(exported: &ExportedPayment) -> Row {
    let payment = &exported.payment;
    (
        exported.place,
        vec![
            json!(exported.cleared_at),
            json!(exported.id),
            json!(exported.purse),
            json!(payment.payee),
            json!(payment.start),
            json!(payment.amount),
            json!(payment.cumulative),
            json!(payment.reference),
            json!(exported.signature),
        ],
    )
}

fn operation(operation: &Operation) -> Row {
    let asked = &operation.asked;
    (
        numbered(operation.transaction),
        vec![
            json!(operation.created_at),
            json!(asked.id),
            json!(asked.user),
            json!(asked.account),
            json!(asked.kind.name()),
            json!(operation.state.name()),
            json!(asked.amount),
            json!(asked.fee),
            json!(operation.updated_at),
            asked.details.clone(),
        ],
    )
}

fn event(event: &Event) -> Row {
    (
        numbered(event.sequence),
        vec![json!(event.at), json!(event.kind), event.body.clone()],
    )
}

fn header_line(kind: What, format: Format) -> Option<String> {
    (format == Format::Csv).then(|| columns(kind).join(",") + "\r\n")
}

fn line((place, values): Row, kind: What, format: Format) -> String {
    let cursor = Value::from(told(kind, place));
    let values = std::iter::once(cursor).chain(values);
    match format {
        Format::Ndjson => {
            let names = columns(kind).iter().map(|name| (*name).to_owned());
            Value::Object(names.zip(values).collect()).to_string() + "\n"
        }
        Format::Csv => {
            let cells: Vec<String> = values.map(|value| cell(&value)).collect();
            cells.join(",") + "\r\n"
        }
    }
}

/// A value as RFC 4180 has it. Text that a spreadsheet would take for a formula is kept from being one.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(cell(&json!("12")), "12");
        assert_eq!(cell(&json!(12)), "12");
        assert_eq!(cell(&json!("a,b")), "\"a,b\"");
        assert_eq!(cell(&json!("say \"yes\"\n")), "\"say \"\"yes\"\"\n\"");
        assert_eq!(cell(&json!("=1+1")), "'=1+1");
        assert_eq!(cell(&json!({ "a": "b" })), "\"{\"\"a\"\":\"\"b\"\"}\"");
    }
}
