//! A place with no network: a network namespace of its own, without any interface but a loopback that is down.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// How the network is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    /// `unshare -n`, as root.
    Root,
    /// `unshare -rn`, as anybody.
    User,
    /// This system allows neither.
    None,
}

impl Isolation {
    /// The first that works here.
    pub(super) fn find() -> Self {
        let works = |isolation: &Self| {
            let mut command = isolation.command(Path::new("true"));
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        [Self::Root, Self::User]
            .into_iter()
            .find(works)
            .unwrap_or(Self::None)
    }

    pub(super) fn is_isolated(self) -> bool {
        self != Self::None
    }

    /// A command that runs `program` there.
    pub(super) fn command(self, program: &Path) -> Command {
        let flags = match self {
            Self::Root => "-n",
            Self::User => "-rn",
            Self::None => return Command::new(program),
        };
        let mut command = Command::new("unshare");
        command.args([flags, "--"]).arg(program);
        command
    }

    /// What to say of it.
    pub(super) fn said(self, interfaces: &[String]) -> String {
        let method = match self {
            Self::Root => "unshare -n",
            Self::User => "unshare -rn",
            Self::None => {
                return "This system allows no network namespaces: the devices are merely not told where the chain is."
                    .to_owned();
            }
        };
        format!(
            "every command runs under `{method}`: /proc/net/dev there lists {} alone, which is down,\n\
             and the chain, asked from in there, does not answer",
            interfaces.join(", ")
        )
    }
}
