//! What the user gives a chart: `-f` files and the `--set` arguments.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use crate::finding::Finding;
use crate::source::{FileId, FileKind, Origins, Sources, Span};
use crate::template::value::{Map, Value};
use crate::vfs::{ErrorKind, Vfs, VfsError};
use crate::yaml::json::read_json_prefix;

use super::Limits;
use super::convert;
use super::defaults::Defaults;
use super::load::{LIMIT, UNREADABLE, VALUES_INVALID};
use super::strvals::{self, Mode};

/// One option that gives values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuesInput {
    /// `-f PATH`.
    File(String),
    /// `--set`.
    Set(String),
    /// `--set-string`.
    SetString(String),
    /// `--set-json`.
    SetJson(String),
    /// `--set-file`.
    SetFile(String),
    /// `--set-literal`.
    SetLiteral(String),
}

impl ValuesInput {
    /// The paths of the files that it names.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        match self {
            Self::File(path) => vec![path.clone()],
            Self::SetFile(text) => {
                let mut found = Vec::new();
                named_files(FileId::DETACHED, text, |path, _| {
                    found.push(path.to_owned());
                });
                found
            }
            _ => Vec::new(),
        }
    }

    /// Whether standard input may be asked for: `-f -`, `--set-file key=-`.
    #[must_use]
    pub fn reads_stdin(&self) -> bool {
        self.files().iter().any(|path| is_stdin(path))
    }
}

/// Takes each path that an argument of `--set-file` names, with its place.
fn named_files(argument: FileId, text: &str, mut take: impl FnMut(&str, Span)) {
    let mut read = |path: &str, span: Span, _: &mut Origins| {
        take(path, span);
        Ok(Value::nil())
    };
    // What is wrong with the argument is said when it is merged.
    let _ = strvals::parse(
        argument,
        text,
        &Rc::new(Map::new()),
        Mode::File(&mut read),
        &mut Origins::new(),
    );
}

/// Keys of arguments are looked at no deeper.
const MAX_DEPTH: usize = 64;

/// What standard input is called among the sources.
const STDIN: &str = "-";

/// Whether Helm takes a path for standard input.
fn is_stdin(path: &str) -> bool {
    path.trim() == STDIN
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flag {
    File,
    Json,
    Set,
    String,
    SetFile,
    Literal,
}

impl Flag {
    fn name(self) -> &'static str {
        match self {
            Self::File => "--values",
            Self::Json => "--set-json",
            Self::Set => "--set",
            Self::String => "--set-string",
            Self::SetFile => "--set-file",
            Self::Literal => "--set-literal",
        }
    }
}

/// The user's values, read but not merged: files and arguments among the sources.
#[derive(Debug, Clone, Default)]
pub struct UserValues {
    inputs: Vec<(Flag, FileId)>,
    /// The files that `--set-file` names, by the places that name them.
    files: BTreeMap<Span, Result<FileId, String>>,
}

/// Reads what paths name. Standard input is at its end for whoever asks for it later, as it is for
/// Helm, which reads the files of `-f` first.
struct Reader<'r> {
    vfs: &'r dyn Vfs,
    stdin: &'r [u8],
    limit: u64,
}

impl Reader<'_> {
    fn read(&mut self, path: &str, sources: &mut Sources) -> Result<FileId, VfsError> {
        if !is_stdin(path) {
            let bytes = self.vfs.read(Path::new(path), self.limit)?;
            return Ok(sources.add(path, FileKind::Values, bytes));
        }
        let bytes = std::mem::take(&mut self.stdin);
        if bytes.len() as u64 > self.limit {
            return Err(VfsError {
                path: STDIN.into(),
                kind: ErrorKind::TooLarge { limit: self.limit },
            });
        }
        Ok(sources.add(STDIN, FileKind::Values, bytes.to_vec()))
    }
}

/// Reads the user's values. Arguments become files named `--set[0]`, counted over all options.
/// `stdin` is what `-` stands for.
pub fn load_values(
    vfs: &dyn Vfs,
    inputs: &[ValuesInput],
    stdin: &[u8],
    sources: &mut Sources,
    limits: &Limits,
) -> (UserValues, Vec<Finding>) {
    let mut values = UserValues::default();
    let mut findings = Vec::new();
    let is_file = |input: &ValuesInput| matches!(input, ValuesInput::File(_));
    let is_taken = inputs
        .iter()
        .any(|input| is_file(input) && input.reads_stdin());
    let limit = limits.text;
    let mut files = Reader { vfs, stdin, limit };
    let stdin = if is_taken { &[] } else { stdin };
    let mut named = Reader { vfs, stdin, limit };
    for (index, input) in inputs.iter().enumerate() {
        let (flag, text) = match input {
            ValuesInput::File(path) => {
                match files.read(path, sources) {
                    Ok(file) => values.inputs.push((Flag::File, file)),
                    Err(error) => {
                        let file = sources.add(path.as_str(), FileKind::Values, Vec::new());
                        let rule = match error.kind {
                            ErrorKind::TooLarge { .. } => LIMIT,
                            _ => UNREADABLE,
                        };
                        let span = Span::new(file, 0, 0);
                        findings.push(Finding::new(rule, span, error.to_string()));
                    }
                }
                continue;
            }
            ValuesInput::Set(text) => (Flag::Set, text),
            ValuesInput::SetString(text) => (Flag::String, text),
            ValuesInput::SetJson(text) => (Flag::Json, text),
            ValuesInput::SetFile(text) => (Flag::SetFile, text),
            ValuesInput::SetLiteral(text) => (Flag::Literal, text),
        };
        let name = format!("{}[{index}]", flag.name());
        let file = sources.add(name, FileKind::Values, text.clone().into_bytes());
        values.inputs.push((flag, file));
        if flag == Flag::SetFile {
            values.read_files(&mut named, file, text, sources);
        }
    }
    (values, findings)
}

impl UserValues {
    /// Reads the files that an argument of `--set-file` names, by reading the argument once.
    fn read_files(
        &mut self,
        reader: &mut Reader<'_>,
        argument: FileId,
        text: &str,
        sources: &mut Sources,
    ) {
        named_files(argument, text, |path, span| {
            let file = reader.read(path, sources);
            let file = file.map_err(|error| error.to_string());
            self.files.insert(span, file);
        });
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.of(Flag::File).map(|(_, file)| file)
    }

    /// The texts that hold templates, which `tpl` may execute.
    #[must_use]
    pub fn templates(&self, sources: &Sources) -> Vec<String> {
        let files = self.inputs.iter().map(|(_, file)| *file);
        let named = self
            .files
            .values()
            .filter_map(|file| file.as_ref().ok().copied());
        let texts = files.chain(named).map(|file| sources.file(file).bytes());
        let texts = texts.filter(|bytes| bytes.windows(2).any(|two| two == b"{{"));
        texts
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    }

    /// Merges everything, in Helm's order: files, then arguments by kind.
    pub(super) fn merge(&self, sources: &Sources, origins: &mut Origins) -> (Value, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut given: Option<Defaults> = None;
        for (_, file) in self.of(Flag::File) {
            match convert::read_values(file, sources, convert::MAX_VALUES).map(|read| read.0) {
                Ok(read) => {
                    given = Some(match given.take().map(Defaults::into_plain) {
                        None => read,
                        Some(mut known) => {
                            convert::merge(&mut known, read.into_plain());
                            known.into()
                        }
                    });
                }
                Err((message, span)) => {
                    let name = sources.file(file).name();
                    let message = format!("failed to parse {name}: {message}");
                    findings.push(Finding::new(VALUES_INVALID, span, message));
                }
            }
        }
        let mut base = match &given {
            Some(given) => given.value(origins),
            None => Value::map([]),
        };
        let mut inputs = self.inputs.clone();
        inputs.sort_by_key(|(flag, _)| *flag);
        let inputs = inputs.into_iter().filter(|(flag, _)| *flag != Flag::File);
        for input in inputs {
            findings.extend(self.argument(input, &mut base, sources, origins));
        }
        (base, findings)
    }

    /// Merges an argument into `base`; gives what is wrong with it.
    fn argument(
        &self,
        (flag, file): (Flag, FileId),
        base: &mut Value,
        sources: &Sources,
        origins: &mut Origins,
    ) -> Option<Finding> {
        let source = std::sync::Arc::clone(sources.file(file));
        let text = String::from_utf8_lossy(source.bytes());
        if flag == Flag::Json && text.trim_start().starts_with('{') {
            let start = text.len() - text.trim_start().len();
            let read = read_json_prefix(file, text.as_bytes(), start)
                .filter(|(_, end)| text.get(*end..).is_some_and(|rest| rest.trim().is_empty()));
            let Some((read, _)) = read else {
                let message = format!("failed parsing --set-json data JSON: {text}");
                let span = Span::new(file, 0, source.bytes().len());
                return Some(Finding::new(VALUES_INVALID, span, message));
            };
            let read = convert::value(&read, None, origins);
            *base = merge_maps(base, &read);
            return None;
        }
        let map = base.as_map().map(Rc::clone)?;
        let mut read = |path: &str, span: Span, origins: &mut Origins| {
            self.file_text(path, span, sources, origins)
        };
        let mode = match flag {
            Flag::Json => Mode::Json,
            Flag::String => Mode::Text,
            Flag::SetFile => Mode::File(&mut read),
            Flag::Literal => Mode::Literal,
            Flag::Set | Flag::File => Mode::Typed,
        };
        let error = strvals::parse(file, &text, &map, mode, origins).err()?;
        let message = if flag == Flag::Json {
            format!("failed parsing --set-json data {text}")
        } else {
            format!("failed parsing {} data: {}", flag.name(), error.message)
        };
        Some(Finding::new(VALUES_INVALID, error.span, message))
    }

    /// What each argument writes by itself.
    #[must_use]
    pub fn written(&self, sources: &Sources) -> Vec<Given> {
        let arguments = self.inputs.iter().filter(|(flag, _)| *flag != Flag::File);
        arguments
            .map(|argument| {
                let (mut value, mut origins) = (Value::map([]), Origins::new());
                // What is wrong with it is said when it is merged.
                let _ = self.argument(*argument, &mut value, sources, &mut origins);
                Given::of(&value, &origins, 0)
            })
            .collect()
    }

    fn of(&self, flag: Flag) -> impl Iterator<Item = (Flag, FileId)> {
        let inputs = self.inputs.iter().copied();
        inputs.filter(move |(known, _)| *known == flag)
    }

    fn file_text(
        &self,
        path: &str,
        place: Span,
        sources: &Sources,
        origins: &mut Origins,
    ) -> Result<Value, String> {
        match self.files.get(&place) {
            Some(Ok(file)) => {
                let bytes = sources.file(*file).bytes();
                let prov = origins.leaf(Span::new(*file, 0, bytes.len()));
                Ok(Value::with(Value::str(bytes).data, prov))
            }
            Some(Err(message)) => Err(message.clone()),
            None => Err(format!("open {path}: no such file or directory")),
        }
    }
}

/// The keys that an argument writes, with the places where they are written.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Keys, where each is written, and what is in it.
    pub entries: Vec<(String, Span, Given)>,
    /// What is in the items of a list.
    pub items: Vec<Given>,
}

impl Given {
    fn of(value: &Value, origins: &Origins, depth: usize) -> Self {
        let mut written = Self::default();
        if depth > MAX_DEPTH {
            return written;
        }
        if let Some(map) = value.as_map() {
            for (key, entry) in map.entries.borrow().iter() {
                let place = origins.spans(entry.key).first().copied();
                let place = place.or_else(|| origins.spans(entry.value.prov).first().copied());
                if let Some(place) = place {
                    let key = String::from_utf8_lossy(key).into_owned();
                    let inner = Self::of(&entry.value, origins, depth + 1);
                    written.entries.push((key, place, inner));
                }
            }
        }
        let items = value.as_list().unwrap_or_default();
        written.items = items
            .iter()
            .map(|item| Self::of(item, origins, depth + 1))
            .collect();
        written
    }
}

/// Helm's `MergeMaps` of two values: a new map, in which maps of both sides are merged.
fn merge_maps(a: &Value, b: &Value) -> Value {
    let (Some(a_map), Some(b_map)) = (a.as_map(), b.as_map()) else {
        return b.clone();
    };
    let mut entries = a_map.entries.borrow().clone();
    for (key, entry) in b_map.entries.borrow().iter() {
        let mut entry = entry.clone();
        if let Some(known) = entries.get(key)
            && known.value.as_map().is_some()
            && entry.value.as_map().is_some()
        {
            entry.value = merge_maps(&known.value, &entry.value);
        }
        entries.insert(Rc::clone(key), entry);
    }
    Value::with(Value::map(entries).data, b.prov)
}
