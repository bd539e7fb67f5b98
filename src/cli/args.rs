//! The command line.

use std::str::FromStr;

use clap::ArgAction::Set;
use clap::{ArgMatches, Args as ClapArgs, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::chart::ValuesInput;
use crate::golang::csv;

use super::helm_flags::{HelmFlags, go_bool};

/// The linter for AI platforms on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "aiplat", version, about, disable_help_subcommand = true)]
pub struct Args {
    /// Colours in the output.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When the output has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands. The arguments of each are set up when it is called: then what its own type is
/// documented with is its description, too.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Lint charts, manifests, directories of them, or `-` for standard input.
    #[command(args_override_self = true)]
    Lint(Lint),
    /// Print what `helm template` prints.
    #[command(args_override_self = true)]
    Render(Render),
    /// List everything that can be reported.
    Rules,
    /// Tell one rule's documentation.
    Explain {
        /// The rule's name.
        rule: String,
    },
}

/// Lint charts, manifests, directories of them, or `-` for standard input.
#[derive(Debug, ClapArgs)]
pub struct Lint {
    /// Charts (directories or archives), manifests, directories of them, files inside a chart, or
    /// `-`.
    #[arg(default_value = ".")]
    pub paths: Vec<String>,
    /// The output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// From which severity on findings make the exit status 1.
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    pub fail_on: FailOn,
    /// A configuration other than the nearest `aiplat.yaml`.
    #[arg(long)]
    pub config: Option<String>,
    /// What the release is rendered with.
    #[command(flatten)]
    pub release: Release,
}

/// Print what `helm template` prints.
#[derive(Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of helm template"
)]
pub struct Render {
    /// `[NAME] CHART`, as `helm template` takes them.
    #[arg(num_args = 1..=2, required = true)]
    pub name_and_chart: Vec<String>,
    /// The output.
    #[arg(long, value_enum, default_value_t = RenderFormat::Text)]
    pub format: RenderFormat,
    /// Tell for each line where it came from.
    #[arg(long)]
    pub origins: bool,
    /// Tell which branches of the templates no environment of `aiplat.yaml` reaches.
    #[arg(long, conflicts_with_all = ["origins", "show_only"])]
    pub coverage: bool,
    /// With `--coverage`: a configuration other than the nearest `aiplat.yaml`.
    #[arg(long, requires = "coverage")]
    pub config: Option<String>,
    /// Only the manifests of this template.
    #[arg(long, short = 's', allow_hyphen_values = true)]
    pub show_only: Vec<String>,
    /// Leave out test hooks.
    #[arg(long, action = Set, num_args = 0..=1, require_equals = true, value_parser = go_bool,
        default_value = "false", default_missing_value = "true", hide_default_value = true)]
    pub skip_tests: bool,
    /// Leave out all hooks.
    #[arg(long, action = Set, num_args = 0..=1, require_equals = true, value_parser = go_bool,
        default_value = "false", default_missing_value = "true", hide_default_value = true)]
    pub no_hooks: bool,
    /// `.Release.IsUpgrade` in place of `.Release.IsInstall`.
    #[arg(long, action = Set, num_args = 0..=1, require_equals = true, value_parser = go_bool,
        default_value = "false", default_missing_value = "true", hide_default_value = true)]
    pub is_upgrade: bool,
    /// A template of the release's name, in place of NAME.
    #[arg(long, value_name = "TEMPLATE", allow_hyphen_values = true)]
    pub name_template: Option<String>,
    /// No NAME: as with `helm template`, the name is `release-name`.
    #[arg(long, short = 'g')]
    pub generate_name: bool,
    /// What the release is rendered with.
    #[command(flatten)]
    pub release: Release,
    /// Helm's other flags.
    #[command(flatten)]
    pub helm: HelmFlags,
}

/// What a release is rendered with, as Helm's own options.
#[derive(Debug, Clone, ClapArgs)]
pub struct Release {
    /// The values of the command line, in its order.
    #[command(flatten)]
    pub values: Values,
    /// The namespace of the release.
    #[arg(long, short = 'n', allow_hyphen_values = true)]
    pub namespace: Option<String>,
    /// The name of the release.
    #[arg(long, allow_hyphen_values = true)]
    pub name: Option<String>,
    /// The version of Kubernetes.
    #[arg(long, allow_hyphen_values = true)]
    pub kube_version: Option<String>,
    /// Further API versions that the cluster has.
    #[arg(long, short = 'a', allow_hyphen_values = true)]
    pub api_versions: Vec<List>,
    /// Take in what lies under `crds/`.
    #[arg(long, action = Set, num_args = 0..=1, require_equals = true, value_parser = go_bool,
        default_value = "false", default_missing_value = "true", hide_default_value = true)]
    pub include_crds: bool,
    /// Do not check the values against `values.schema.json`.
    #[arg(long, action = Set, num_args = 0..=1, require_equals = true, value_parser = go_bool,
        default_value = "false", default_missing_value = "true", hide_default_value = true)]
    pub skip_schema_validation: bool,
}

/// An argument that is a list: a record of CSV, as Helm reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List(pub Vec<String>);

impl FromStr for List {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        csv::record(text).map(Self)
    }
}

/// The options that give values, in the order of the command line whatever their kind.
#[derive(Debug, Clone, Default)]
pub struct Values(pub Vec<ValuesInput>);

#[derive(Debug, ClapArgs)]
struct Flags {
    /// Values from a file; may be given several times.
    #[arg(long, short = 'f', allow_hyphen_values = true)]
    values: Vec<List>,
    /// Values such as `key1=val1,key2=val2`.
    #[arg(long, allow_hyphen_values = true)]
    set: Vec<String>,
    /// As `--set`, every value a string.
    #[arg(long, allow_hyphen_values = true)]
    set_string: Vec<String>,
    /// Values as JSON: `key=json` or an object.
    #[arg(long, allow_hyphen_values = true)]
    set_json: Vec<String>,
    /// Values from files: `key=path`.
    #[arg(long, allow_hyphen_values = true)]
    set_file: Vec<String>,
    /// One value, taken literally.
    #[arg(long, allow_hyphen_values = true)]
    set_literal: Vec<String>,
}

impl Release {
    /// Further API versions that the cluster has.
    #[must_use]
    pub fn api_versions(&self) -> Vec<String> {
        let lists = self.api_versions.iter();
        lists.flat_map(|List(versions)| versions.clone()).collect()
    }
}

impl FromArgMatches for Values {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        type Make = fn(String) -> ValuesInput;
        let kinds: [(&str, Make); 5] = [
            ("set", ValuesInput::Set),
            ("set_string", ValuesInput::SetString),
            ("set_json", ValuesInput::SetJson),
            ("set_file", ValuesInput::SetFile),
            ("set_literal", ValuesInput::SetLiteral),
        ];
        let mut all: Vec<(usize, ValuesInput)> = Vec::new();
        let lists = matches.get_many::<List>("values").into_iter().flatten();
        let places = matches.indices_of("values").into_iter().flatten();
        for (place, List(paths)) in places.zip(lists) {
            let files = paths.iter().cloned().map(ValuesInput::File);
            all.extend(files.map(|file| (place, file)));
        }
        for (id, make) in kinds {
            let texts = matches.get_many::<String>(id).into_iter().flatten();
            let places = matches.indices_of(id).into_iter().flatten();
            let texts = texts.cloned().map(make);
            all.extend(places.zip(texts));
        }
        all.sort_by_key(|(place, _)| *place);
        Ok(Self(all.into_iter().map(|(_, input)| input).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ClapArgs for Values {
    fn augment_args(command: clap::Command) -> clap::Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Flags::augment_args_for_update(command)
    }
}

/// Formats of `aiplat lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// A line a finding.
    Concise,
    /// For programs.
    Json,
}

/// Formats of `aiplat render`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RenderFormat {
    /// What Helm prints.
    Text,
    /// The text with the origin of every byte.
    Json,
}

/// Thresholds of the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any finding.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
    /// Never: only what could not be linted counts.
    Never,
}
