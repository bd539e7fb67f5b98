//! The flags of `helm template` that make no difference here, and those that aiplat cannot honour:
//! it asks no network and no cluster, starts nothing and writes nothing.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// What a flag takes.
#[derive(Clone, Copy)]
enum Takes {
    /// Nothing, or `=true` and `=false`.
    Switch,
    /// A value.
    Value,
    /// Nothing, or `=VALUE`.
    Optional,
}

use Takes::{Optional, Switch, Value};

/// Flags that change nothing in what is printed.
const WITHOUT_EFFECT: [(&str, Takes); 19] = [
    ("atomic", Switch),
    ("burst-limit", Value),
    ("create-namespace", Switch),
    ("debug", Switch),
    ("description", Value),
    ("disable-openapi-validation", Switch),
    ("force-conflicts", Switch),
    ("force-replace", Switch),
    ("hide-notes", Switch),
    ("labels", Value),
    ("render-subchart-notes", Switch),
    ("replace", Switch),
    ("rollback-on-failure", Switch),
    ("server-side", Optional),
    ("skip-crds", Switch),
    ("take-ownership", Switch),
    ("timeout", Value),
    ("wait", Optional),
    ("wait-for-jobs", Switch),
];

/// Why a flag is refused.
const NETWORK: &str = "charts are not fetched: name a directory or an archive";
const CLUSTER: &str = "there is no cluster to ask";
const PROCESS: &str = "nothing else is started";
const DISK: &str = "nothing is written to disk: take standard output";

/// Flags that aiplat cannot honour.
const REFUSED: [(&str, Takes, &str); 24] = [
    ("ca-file", Value, NETWORK),
    ("cert-file", Value, NETWORK),
    ("dependency-update", Switch, NETWORK),
    ("devel", Switch, NETWORK),
    ("enable-dns", Switch, "names are not looked up"),
    ("insecure-skip-tls-verify", Switch, NETWORK),
    ("key-file", Value, NETWORK),
    ("keyring", Value, NETWORK),
    ("kube-apiserver", Value, CLUSTER),
    ("kube-context", Value, CLUSTER),
    ("kube-token", Value, CLUSTER),
    ("kubeconfig", Value, CLUSTER),
    ("output-dir", Value, DISK),
    ("pass-credentials", Switch, NETWORK),
    ("password", Value, NETWORK),
    ("plain-http", Switch, NETWORK),
    ("post-renderer", Value, PROCESS),
    ("post-renderer-args", Value, PROCESS),
    ("release-name", Switch, DISK),
    ("repo", Value, NETWORK),
    ("username", Value, NETWORK),
    ("validate", Switch, CLUSTER),
    ("verify", Switch, NETWORK),
    ("version", Value, NETWORK),
];

/// Takes the flags in, and refuses what has to be refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct HelmFlags;

/// `strconv.ParseBool`.
///
/// # Errors
/// What Go says of anything else.
pub(super) fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err("invalid syntax".to_owned()),
    }
}

fn arg(name: &'static str, takes: Takes) -> Arg {
    let arg = Arg::new(name).long(name).hide(true);
    let arg = match takes {
        Value => arg.action(ArgAction::Append).allow_hyphen_values(true),
        Switch | Optional => arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
    };
    match takes {
        Switch => arg.value_parser(go_bool),
        Value | Optional => arg,
    }
}

impl FromArgMatches for HelmFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        for (name, takes, reason) in REFUSED {
            let is_given = match takes {
                Switch => matches.get_one::<bool>(name).is_some_and(|given| *given),
                Value | Optional => matches.contains_id(name),
            };
            if is_given {
                let message =
                    format!("--{name} is an option of Helm's that aiplat has not: {reason}\n");
                return Err(clap::Error::raw(ErrorKind::ArgumentConflict, message));
            }
        }
        Ok(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for HelmFlags {
    fn augment_args(command: Command) -> Command {
        let refused = REFUSED.map(|(name, takes, _)| arg(name, takes));
        let without_effect = WITHOUT_EFFECT.map(|(name, takes)| match name {
            "labels" => arg(name, takes).short('l'),
            _ => arg(name, takes),
        });
        let dry_run = Arg::new("dry-run")
            .long("dry-run")
            .hide(true)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("client")
            .value_parser(PossibleValuesParser::new(["client"]));
        command.args(refused).args(without_effect).arg(dry_run)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
