use offpay_api::Problem;
use thiserror::Error;

/// Why a server does not help. Addresses may hold secrets: only the host is told.
#[derive(Debug, Error)]
pub(crate) enum ServerError {
    /// It is no address of a server.
    #[error(
        "this is no server's address: it begins with https://, and has no name, password or query in it"
    )]
    NotAnAddress,
    /// What has no signature has to come over a line that nobody else can write on.
    #[error("{host} has to be asked over https: an operator's card is not signed")]
    NotPrivate {
        /// Who it is.
        host: String,
    },
    /// This machine cannot do HTTPS.
    #[error("no HTTPS on this machine")]
    Setup,
    /// Nobody answers.
    #[error("the operator's server {host} does not answer")]
    Unreachable {
        /// Who does not.
        host: String,
    },
    /// It says no, and why.
    #[error("the operator's server {host} says: {problem}")]
    Refused {
        /// Who says it.
        host: String,
        /// What.
        problem: Box<Problem>,
    },
    /// It says something else than the API has.
    #[error(
        "the operator's server {host} answered {status}, and nothing that this wallet can read"
    )]
    Unreadable {
        /// Who.
        host: String,
        /// The HTTP status.
        status: u16,
    },
}

impl ServerError {
    /// A name that stays the same, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotAnAddress => "server_address",
            Self::NotPrivate { .. } => "server_not_private",
            Self::Setup => "server_setup",
            Self::Unreachable { .. } => "server_unreachable",
            Self::Refused { .. } => "server_refused",
            Self::Unreadable { .. } => "server_unreadable",
        }
    }

    /// Whether the same can succeed later.
    pub(crate) const fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { problem, .. } => problem.retryable,
            _ => false,
        }
    }
}
