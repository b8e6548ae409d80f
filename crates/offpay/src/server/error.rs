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
    /// The operator's token would go over a line that others can read.
    #[error("{host} has to be asked over https: others could read the token on the way")]
    TokenNotPrivate {
        /// Who it is.
        host: String,
    },
    /// An answer ended too early.
    #[error("the operator's server {host} broke off in the middle: go on behind the last cursor")]
    CutOff {
        /// Who did.
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
            Self::TokenNotPrivate { .. } => "token_not_private",
            Self::CutOff { .. } => "server_cut_off",
            Self::Setup => "server_setup",
            Self::Unreachable { .. } => "server_unreachable",
            Self::Refused { .. } => "server_refused",
            Self::Unreadable { .. } => "server_unreadable",
        }
    }

    /// Whether the same can succeed later.
    pub(crate) const fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::CutOff { .. } => true,
            Self::Refused { problem, .. } => problem.retryable,
            _ => false,
        }
    }
}
