//! `.Files`: what a chart carries besides its templates.

use std::any::Any;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::golang::encoding::BASE64;
use crate::golang::glob::Glob;
use crate::golang::path;
use crate::golang::strings::push_numbers;
use crate::source::{ContextId, Origin, Origins, Prov, SourceFile, Sources, Span, Text, line_ends};
use crate::template::funcs::Param;
use crate::template::value::{Data, ElemType, Key, Object, Value};
use crate::yaml::emit::{self, Held, Item, Tree};

use super::ChartFile;
use super::load::without_bom;

/// A file with more lines has one origin for all of them.
const MAX_LINES: usize = 10_000;

#[derive(Debug)]
struct File {
    source: Arc<SourceFile>,
    /// Its bytes as a value, once a template asked for them: most files are never asked for.
    text: OnceCell<Rc<Text>>,
    /// The same as a text whose lines have their places.
    lines: OnceCell<Rc<Text>>,
    /// Where the bytes lie, without a byte order mark.
    span: Span,
    /// The set of that span.
    prov: Prov,
}

/// Go's `engine.files`, a `map[string][]byte` with methods.
#[derive(Debug)]
struct Files {
    by_name: BTreeMap<String, Rc<File>>,
}

/// `.Files` of a chart.
pub(super) fn files(files: &[ChartFile], sources: &Sources, origins: &mut Origins) -> Value {
    let by_name = files
        .iter()
        .map(|file| {
            let source = Arc::clone(sources.file(file.file));
            let bytes = source.bytes();
            let start = bytes.len() - without_bom(bytes).len();
            let span = Span::new(file.file, start, bytes.len());
            let file_ = File {
                source,
                text: OnceCell::new(),
                lines: OnceCell::new(),
                span,
                prov: origins.leaf(span),
            };
            (file.name.clone(), Rc::new(file_))
        })
        .collect();
    Value::new(Data::Object(Rc::new(Files { by_name })))
}

impl File {
    fn bytes(&self) -> &[u8] {
        without_bom(self.source.bytes())
    }

    /// The bytes as one text.
    fn whole(&self) -> &Rc<Text> {
        self.text.get_or_init(|| {
            let (from, to) = (self.span.start(), self.span.end());
            Rc::new(Text::plain(self.source.shared().part(from, to)))
        })
    }

    fn value(&self) -> Value {
        Value::with(Data::Bytes(Rc::clone(self.whole())), self.prov)
    }

    /// The bytes, each line with its own place in the file, as far as there are not too many.
    /// Templates ask for the same file again and again.
    fn text(&self, origins: &mut Origins) -> &Rc<Text> {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.bytes()).count();
            match breaks > MAX_LINES {
                true => Rc::clone(self.whole()),
                false => Rc::new(self.told(breaks + 1, origins)),
            }
        })
    }

    fn told(&self, lines: usize, origins: &mut Origins) -> Text {
        let bytes = self.bytes();
        let mut text = Text::uncovered(self.whole().part(0, bytes.len()), lines);
        let mut ends = Vec::with_capacity(lines);
        line_ends(bytes, &mut ends);
        // The last line may end without a line feed.
        ends.extend((!bytes.is_empty() && !bytes.ends_with(b"\n")).then_some(bytes.len()));
        let mut at = 0;
        for end in ends {
            let data = origins.leaf(self.span.slice(at, end));
            let origin = origins.add(Origin {
                at: None,
                exact: false,
                data,
                context: ContextId::default(),
            });
            at = end;
            text.cover(at, origin, 0);
        }
        text
    }
}

impl Files {
    fn find(&self, name: &Value) -> Option<&Rc<File>> {
        let name = std::str::from_utf8(name.as_bytes()?).ok()?;
        self.by_name.get(name)
    }

    fn get(&self, name: &Value, origins: &mut Origins) -> Value {
        match self.find(name) {
            Some(file) => Value::with(Data::Str(Rc::clone(file.text(origins))), file.prov),
            None => Value::str(""),
        }
    }

    fn glob(&self, pattern: &Value) -> Value {
        // A pattern that is none matches everything.
        let glob = Glob::compile(pattern.as_bytes().unwrap_or_default());
        let matching = |name: &str| glob.as_ref().is_none_or(|glob| glob.is_match(name));
        let by_name = self
            .by_name
            .iter()
            .filter(|(name, _)| matching(name))
            .map(|(name, file)| (name.clone(), Rc::clone(file)))
            .collect();
        Value::new(Data::Object(Rc::new(Self { by_name })))
    }

    fn lines(&self, name: &Value, origins: &mut Origins) -> Value {
        let Some(file) = self.find(name).filter(|file| !file.bytes().is_empty()) else {
            return Value::list_of(ElemType::String, Vec::new());
        };
        let bytes = file.bytes();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let mut at = 0;
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| {
                let prov = origins.leaf(file.span.slice(at, at + line.len()));
                at += line.len() + 1;
                Value::with(Value::str(line).data, prov)
            })
            .collect();
        Value::with(Value::list_of(ElemType::String, lines).data, file.prov)
    }

    /// A YAML map from base names to contents; of two files with one base name the later counts.
    fn as_yaml(&self, origins: &mut Origins, encode: bool) -> Value {
        let mut by_base: BTreeMap<Vec<u8>, &Rc<File>> = BTreeMap::new();
        for (name, file) in &self.by_name {
            by_base.insert(path::base(name.as_bytes()), file);
        }
        // Mark 0 is for bytes that no file decided.
        let mut provs = vec![Prov::NONE];
        let mut entries = Vec::new();
        for (base, file) in by_base {
            let mark = u32::try_from(provs.len()).unwrap_or(0);
            provs.push(file.prov);
            let bytes = file.bytes();
            let content = if encode {
                BASE64.encode(bytes)
            } else {
                bytes.to_vec()
            };
            let item = Item {
                tree: Tree::Str(Held::Own(content)),
                mark,
            };
            entries.push((Held::Own(base), mark, item));
        }
        let root = Item {
            tree: Tree::Map(entries),
            mark: 0,
        };
        let mut sink = emit::Sink::default();
        if emit::to_yaml(&root, &mut sink).is_err() {
            return Value::str("");
        }
        let (written, pieces) = sink.finish();
        let (mut text, mut from) = (Text::with_capacity(written.len(), pieces.len()), 0);
        for (end, mark) in pieces {
            let end = end as usize;
            let bytes = written.get(from..end).unwrap_or_default();
            from = end;
            let data = provs.get(mark as usize).copied().unwrap_or_default();
            let origin = origins.add(Origin {
                at: None,
                exact: false,
                data,
                context: ContextId::default(),
            });
            text.push(bytes, origin, 0);
        }
        Value::text(text)
    }
}

impl Object for Files {
    fn type_name(&self) -> &str {
        "engine.files"
    }
    fn kind(&self) -> &'static str {
        "map"
    }
    fn print(&self) -> Vec<u8> {
        let mut out = b"map[".to_vec();
        for (at, (name, file)) in self.by_name.iter().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            push_numbers(file.bytes(), &mut out);
        }
        out.push(b']');
        out
    }
    /// An entry; what is missing is an empty `[]byte`, as of any map of that type.
    fn field(&self, name: &str) -> Option<Value> {
        Some(match self.by_name.get(name) {
            Some(file) => file.value(),
            None => Value::new(Data::Bytes(Rc::new(Text::new()))),
        })
    }
    fn params(&self, method: &str) -> Option<&'static [Param]> {
        match method {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(&[Param::Str]),
            "AsConfig" | "AsSecrets" => Some(&[]),
            _ => None,
        }
    }
    fn call(
        &self,
        name: &str,
        args: &[Value],
        origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        self.params(name)?;
        let argument = args.first().cloned().unwrap_or_else(|| Value::str(""));
        Some(Ok(match name {
            "Get" => self.get(&argument, origins),
            "GetBytes" => self.find(&argument).map_or_else(
                || Value::new(Data::Bytes(Rc::new(Text::new()))),
                |file| file.value(),
            ),
            "Glob" => self.glob(&argument),
            "Lines" => self.lines(&argument, origins),
            "AsConfig" => self.as_yaml(origins, false),
            _ => self.as_yaml(origins, true),
        }))
    }
    fn truth(&self) -> bool {
        !self.by_name.is_empty()
    }
    fn entries(&self) -> Option<Vec<(Key, Value)>> {
        let entries = self.by_name.iter();
        Some(
            entries
                .map(|(name, file)| (Rc::from(name.as_bytes()), file.value()))
                .collect(),
        )
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
