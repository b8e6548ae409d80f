//! Who runs a circle.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use offpay_api::{Code, Problem};
use offpay_operator::{
    identity::{Custody, Scope},
    storage::AdminStorage as _,
};
use offpay_protocol::{AccountId, Circle};
use serde_json::json;

use super::Actor;
use crate::{
    App,
    auth::{Admin, Caller},
    problem::Refused,
};

/// The operator's own circle.
pub(crate) fn operators_circle(app: &App) -> Circle {
    Circle::new(app.keys.circle.address())
}

/// Who runs the circle of the path: the hosted user whose account it is, or the operator for the operator's own.
#[derive(Clone, Debug)]
pub(crate) struct CircleAdmin {
    /// The circle.
    pub(crate) circle: Circle,
    /// Who acts.
    pub(crate) actor: Actor,
    /// Which operator it is, for the operator's own circle.
    pub(crate) by: Option<Admin>,
}

impl CircleAdmin {
    /// Notes what an operator does to their own circle.
    pub(crate) async fn note(
        &self,
        app: &App,
        action: &'static str,
        account: AccountId,
    ) -> Result<(), Refused> {
        if let Some(admin) = &self.by {
            let action = admin.does(action, &account, "", json!({ "circle": self.circle }));
            app.database.append_action(&action, app.now()).await?;
        }
        Ok(())
    }
}

impl FromRequestParts<App> for CircleAdmin {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let names = Path::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| not_found())?;
        let circle: Circle = names
            .iter()
            .find_map(|(name, value)| (name == "circle").then(|| value.parse().ok()))
            .flatten()
            .ok_or_else(not_found)?;
        if circle == operators_circle(app) {
            let by = Some(Admin::from_request_parts(parts, app).await?);
            return Ok(Self {
                circle,
                actor: Actor::Circle,
                by,
            });
        }
        let caller = Caller::from_request_parts(parts, app).await?;
        caller.require(Scope::Manage)?;
        if Circle::new(caller.account.address()) != circle || caller.custody != Custody::Hosted {
            let detail = "a circle is run by the account that it is named after";
            return Err(Problem::new(Code::Forbidden, detail).into());
        }
        Ok(Self {
            circle,
            actor: Actor::of(&caller),
            by: None,
        })
    }
}

fn not_found() -> Refused {
    Problem::new(Code::NotFound, "there is no such circle").into()
}
