//! How the values of a user, a chart and its subcharts become one tree (Helm 4.3.1's
//! `pkg/chart/common/util/coalesce.go`).
//!
//! Maps are shared and changed in place exactly where Helm shares and changes them: a parent's
//! `.Values.sub` and the subchart's `.Values` are one map in the end.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::source::Prov;
use crate::template::value::{Data, Entries, Entry, Key, Map, MapType, Value};

use super::load::VALUES_INVALID;
use super::working::Working;

/// The key under which values reach all subcharts.
const GLOBAL: &str = "global";

/// Whether null removes (rendering) or is kept for later (`import-values`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Remove,
    Keep,
}

/// Values that cannot be used.
#[derive(Debug, Clone)]
pub(super) struct Mismatch {
    /// The rule: the values are wrong, or there are too many of them.
    pub(super) rule: &'static str,
    /// Helm's words.
    pub(super) message: String,
    /// Where the value was written.
    pub(super) blame: Prov,
}

/// The values of a chart and all its dependencies under `values`, which is left as it is.
pub(super) fn coalesce(
    chart: &Working<'_>,
    values: &Value,
    nulls: Nulls,
    warnings: &mut Vec<String>,
) -> Result<Value, Mismatch> {
    let copy = deep_copy(values)?;
    let mut run = Run::new(warnings);
    run.chart(chart, &map_of(&copy), "", nulls)?;
    Ok(copy)
}

/// The same with [`Nulls::Remove`] where nothing asks the charts for their values afterwards: what
/// no other chart shares is moved out of them.
pub(super) fn settle(
    chart: &Working<'_>,
    values: &Value,
    warnings: &mut Vec<String>,
) -> Result<Value, Mismatch> {
    let copy = deep_copy(values)?;
    let mut run = Run::new(warnings);
    run.is_last = true;
    run.chart(chart, &map_of(&copy), "", Nulls::Remove)?;
    Ok(copy)
}

/// The same with [`Nulls::Remove`], for values that are only looked at: what is not changed on the
/// way is shared with `values` and with those of the charts.
pub(super) fn coalesce_to_look(
    chart: &Working<'_>,
    values: &Value,
    warnings: &mut Vec<String>,
) -> Result<Value, Mismatch> {
    if has_twins(chart) {
        return coalesce(chart, values, Nulls::Remove, warnings);
    }
    let root = Rc::new(Map::new());
    *root.entries.borrow_mut() = map_of(values).entries.borrow().clone();
    let defaults = map_of(&chart.values.borrow());
    let handed_on = handed_on(chart);
    let mut left = MAX_VALUES;
    for (key, mut entry) in snapshot(&root) {
        let is_table = |entry: &Entry| entry.value.as_map().is_some();
        let is_changed =
            || handed_on.contains(&*key) || defaults.get(&key).is_some_and(|to| is_table(&to));
        if is_table(&entry) && is_changed() {
            entry.value = copy_within(&entry.value, &mut left)?;
            root.set(key, entry);
        }
    }
    let mut run = Run::new(warnings);
    run.is_to_look = true;
    run.chart(chart, &root, "", Nulls::Remove)?;
    Ok(of_map(root, values.prov))
}

/// The keys that a chart's dependencies have a part in.
fn handed_on<'w>(chart: &'w Working<'_>) -> FxHashSet<&'w [u8]> {
    let names = chart.dependencies.iter().map(|sub| sub.name().as_bytes());
    names.chain([GLOBAL.as_bytes()]).collect()
}

/// Whether two dependencies of one chart have one name: both change the same values.
fn has_twins(chart: &Working<'_>) -> bool {
    let mut names = BTreeSet::new();
    let mut subs = chart.dependencies.iter();
    subs.any(|sub| !names.insert(sub.name()) || has_twins(sub))
}

/// Whether a null stands anywhere in tables, or they nest too deeply to say.
fn has_null(value: &Value, depth: usize) -> bool {
    let inner = value.as_map();
    value.is_nil()
        || depth > MAX_DEPTH
        || inner.is_some_and(|map| {
            let entries = map.entries.borrow();
            let mut values = entries.values().map(|entry| &entry.value);
            values.any(|value| has_null(value, depth + 1))
        })
}

/// Helm's `MergeTables`: `into` wins, nulls stay.
pub(super) fn merge_tables(into: &Rc<Map>, from: &Rc<Map>, warnings: &mut Vec<String>) {
    Run::new(warnings).tables(into, from, "", Nulls::Keep);
}

/// Values nest no deeper and count no more; only tables that `import-values` puts into each other
/// get there.
const MAX_DEPTH: usize = 600;
const MAX_VALUES: usize = 2_000_000;

/// Values that hold more than they may.
struct TooLarge;

/// A copy that shares no map with the original.
pub(super) fn deep_copy(value: &Value) -> Result<Value, Mismatch> {
    let mut left = MAX_VALUES;
    copy_within(value, &mut left)
}

/// The same of no more than so many values, less those that are copied.
fn copy_within(value: &Value, left: &mut usize) -> Result<Value, Mismatch> {
    copy(value, 0, left).map_err(|TooLarge| Mismatch {
        rule: VALUES_INVALID,
        message: "values nest without end".to_owned(),
        blame: value.prov,
    })
}

fn copy(value: &Value, depth: usize, left: &mut usize) -> Result<Value, TooLarge> {
    *left = left.checked_sub(1).ok_or(TooLarge)?;
    if depth > MAX_DEPTH {
        return Err(TooLarge);
    }
    let data = match &value.data {
        Data::Map(kind, map) => {
            let entries = map.entries.borrow();
            let copies = entries.try_copy(|value| copy(value, depth + 1, left))?;
            Data::Map(*kind, Rc::new(Map::from(copies)))
        }
        Data::List(list) => {
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                items.push(copy(item, depth + 1, left)?);
            }
            Value::list_of(list.elem, items).data
        }
        other => other.clone(),
    };
    Ok(Value::with(data, value.prov))
}

/// Whether nothing else refers to the collections of a value, which are no more than so many values
/// and not too deep. Counts them as [`copy`] does.
fn is_alone(value: &Value, depth: usize, left: &mut usize) -> bool {
    let Some(behind) = left.checked_sub(1).filter(|_| depth <= MAX_DEPTH) else {
        return false;
    };
    *left = behind;
    match &value.data {
        Data::Map(_, map) => {
            let entries = map.entries.borrow();
            let mut values = entries.values().map(|entry| &entry.value);
            Rc::strong_count(map) == 1 && values.all(|value| is_alone(value, depth + 1, left))
        }
        Data::List(list) => {
            let mut items = list.items.iter();
            Rc::strong_count(list) == 1 && items.all(|item| is_alone(item, depth + 1, left))
        }
        _ => true,
    }
}

/// The map of a value that is one; a new one otherwise.
pub(super) fn map_of(value: &Value) -> Rc<Map> {
    value.as_map().map_or_else(Rc::default, Rc::clone)
}

/// The value that refers to a map.
pub(super) fn of_map(map: Rc<Map>, prov: Prov) -> Value {
    Value::with(Data::Map(MapType::Interface, map), prov)
}

fn snapshot(map: &Rc<Map>) -> Vec<(Key, Entry)> {
    let entries = map.entries.borrow();
    entries
        .iter()
        .map(|(key, entry)| (Rc::clone(key), entry.clone()))
        .collect()
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    }
}

fn shown(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}

/// Go's `%v` of a value, for warnings.
fn printed(value: &Value) -> String {
    let mut out = Vec::new();
    print(value, 0, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn print(value: &Value, depth: usize, out: &mut Vec<u8>) {
    match &value.data {
        Data::Missing | Data::Nil => out.extend_from_slice(b"<nil>"),
        Data::Bool(is) => out.extend_from_slice(is.to_string().as_bytes()),
        Data::Int(number, _) => out.extend_from_slice(number.to_string().as_bytes()),
        Data::Float(number) => {
            let text = crate::golang::float::append_float(*number, b'g', -1, 64);
            out.extend_from_slice(text.as_bytes());
        }
        Data::Str(text) | Data::Bytes(text) => out.extend_from_slice(text.bytes()),
        _ if depth > 16 => out.extend_from_slice("…".as_bytes()),
        Data::List(list) => {
            out.push(b'[');
            for (at, item) in list.items.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                print(item, depth + 1, out);
            }
            out.push(b']');
        }
        Data::Map(_, map) => {
            out.extend_from_slice(b"map[");
            for (at, (key, entry)) in map.entries.borrow().iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(key);
                out.push(b':');
                print(&entry.value, depth + 1, out);
            }
            out.push(b']');
        }
        Data::Complex(..) | Data::Object(_) => {}
    }
}

struct Run<'w> {
    warnings: &'w mut Vec<String>,
    /// Whether the values of charts that are not changed may be shared.
    is_to_look: bool,
    /// Whether nothing asks the charts for their values afterwards.
    is_last: bool,
    /// How deep the tables nest that are merged.
    depth: usize,
    /// How many tables may still be merged.
    left: usize,
}

impl<'w> Run<'w> {
    fn new(warnings: &'w mut Vec<String>) -> Self {
        Self {
            warnings,
            is_to_look: false,
            is_last: false,
            depth: 0,
            left: MAX_VALUES,
        }
    }

    fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    /// A chart's own values, then those of its dependencies.
    fn chart(
        &mut self,
        chart: &Working<'_>,
        dest: &Rc<Map>,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), Mismatch> {
        self.values(chart, dest, prefix, nulls)?;
        self.dependencies(chart, dest, prefix, nulls)
    }

    fn dependencies(
        &mut self,
        chart: &Working<'_>,
        dest: &Rc<Map>,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), Mismatch> {
        for sub in &chart.dependencies {
            let name = sub.name();
            let inner = match dest.get(name.as_bytes()) {
                None => {
                    let map = Rc::new(Map::new());
                    let value = of_map(Rc::clone(&map), Prov::NONE);
                    let key = Prov::NONE;
                    dest.set(name.as_bytes(), Entry { key, value });
                    map
                }
                Some(entry) => match entry.value.as_map() {
                    Some(map) => Rc::clone(map),
                    None => {
                        return Err(Mismatch {
                            rule: VALUES_INVALID,
                            message: format!(
                                "type mismatch on {name}: {}",
                                printed_as_bool(&entry.value)
                            ),
                            blame: entry.value.prov,
                        });
                    }
                },
            };
            let prefix = joined(prefix, chart.name());
            self.globals(&inner, dest, &prefix);
            self.chart(sub, &inner, &prefix, nulls)?;
        }
        Ok(())
    }

    /// Passes a parent's globals down; the parent's win.
    fn globals(&mut self, dest: &Rc<Map>, src: &Rc<Map>, prefix: &str) {
        let global = GLOBAL.as_bytes();
        let known = dest.get(global);
        let to = match &known {
            None => Rc::new(Map::new()),
            Some(entry) => match entry.value.as_map() {
                Some(map) => Rc::clone(map),
                None => {
                    let text =
                        "warning: skipping globals because destination global is not a table.";
                    return self.warn(text.to_owned());
                }
            },
        };
        let given = src.get(global);
        let from = match &given {
            None => Rc::new(Map::new()),
            Some(entry) => match entry.value.as_map() {
                Some(map) => Rc::clone(map),
                None => {
                    let text = "warning: skipping globals because source global is not a table.";
                    return self.warn(text.to_owned());
                }
            },
        };
        for (key, entry) in snapshot(&from) {
            let Some(table) = entry.value.as_map() else {
                let is_table = to.get(&key).is_some_and(|old| old.value.as_map().is_some());
                if is_table {
                    self.warn(format!("key {} is table. Skipping", shown(&key)));
                } else {
                    to.set(key, entry);
                }
                continue;
            };
            let copy = Rc::new(Map::new());
            *copy.entries.borrow_mut() = table.entries.borrow().clone();
            if let Some(old) = to.get(&key) {
                let Some(old) = old.value.as_map() else {
                    self.warn(format!(
                        "Conflict: cannot merge map onto non-map for {:?}. Skipping.",
                        shown(&key)
                    ));
                    continue;
                };
                let prefix = joined(prefix, &shown(&key));
                self.tables(&copy, old, &prefix, Nulls::Keep);
            }
            let value = of_map(copy, entry.value.prov);
            let key_prov = entry.key;
            to.set(
                Rc::clone(&key),
                Entry {
                    key: key_prov,
                    value,
                },
            );
        }
        let origin = known.or(given);
        let (key, prov) = origin.map_or((Prov::NONE, Prov::NONE), |entry| {
            (entry.key, entry.value.prov)
        });
        let value = of_map(to, prov);
        dest.set(global, Entry { key, value });
    }

    /// A chart's defaults into what is given.
    fn values(
        &mut self,
        chart: &Working<'_>,
        given: &Rc<Map>,
        prefix: &str,
        nulls: Nulls,
    ) -> Result<(), Mismatch> {
        let prefix = joined(prefix, chart.name());
        let handed_on = handed_on(chart);
        let mut left = MAX_VALUES;
        for (key, mut entry) in self.defaults(chart) {
            let known = given.get(&key);
            let is_changed = !self.is_to_look
                || handed_on.contains(&*key)
                || has_null(&entry.value, 0)
                || known
                    .as_ref()
                    .is_some_and(|known| has_null(&known.value, 0));
            // Where something that is no table is given, the default is not used.
            let is_used = known
                .as_ref()
                .is_none_or(|known| known.value.as_map().is_some());
            if is_used && is_changed {
                entry.value = self.own(entry.value, &mut left)?;
            }
            let Some(known) = known else {
                if nulls == Nulls::Remove {
                    if entry.value.is_nil() {
                        continue;
                    }
                    if is_changed {
                        clean(&entry.value);
                    }
                }
                given.set(key, entry);
                continue;
            };
            if known.value.is_nil() && nulls == Nulls::Remove {
                given.entries.borrow_mut().remove(&key);
            } else if let Some(dest) = known.value.as_map() {
                let Some(src) = entry.value.as_map() else {
                    if !entry.value.is_nil() {
                        self.warn(format!(
                            "warning: skipped value for {prefix}.{}: Not a table.",
                            shown(&key)
                        ));
                    }
                    continue;
                };
                let is_child = |sub: &Working<'_>| sub.name().as_bytes() == &*key;
                let nulls = if chart.dependencies.iter().any(is_child) {
                    Nulls::Keep
                } else {
                    nulls
                };
                if nulls == Nulls::Remove && is_changed {
                    clean(&entry.value);
                }
                self.tables(dest, src, &joined(&prefix, &shown(&key)), nulls);
            }
        }
        Ok(())
    }

    /// The values of a chart alone.
    fn defaults(&self, chart: &Working<'_>) -> Entries {
        if !self.is_last {
            return map_of(&chart.values.borrow()).entries.borrow().clone();
        }
        match chart.values.replace(Value::nil()).data {
            Data::Map(_, map) => match Rc::try_unwrap(map) {
                Ok(map) => map.entries.take(),
                Err(shared) => shared.entries.borrow().clone(),
            },
            _ => Entries::default(),
        }
    }

    /// A value that shares no map with any other.
    fn own(&self, value: Value, left: &mut usize) -> Result<Value, Mismatch> {
        let mut behind = *left;
        if self.is_last && is_alone(&value, 0, &mut behind) {
            *left = behind;
            return Ok(value);
        }
        copy_within(&value, left)
    }

    /// One table into another, which wins.
    fn tables(&mut self, dst: &Rc<Map>, src: &Rc<Map>, prefix: &str, nulls: Nulls) {
        if Rc::ptr_eq(dst, src) || self.depth > MAX_DEPTH || self.left == 0 {
            return;
        }
        self.depth += 1;
        self.left -= 1;
        self.tables_within(dst, src, prefix, nulls);
        self.depth -= 1;
    }

    fn tables_within(&mut self, dst: &Rc<Map>, src: &Rc<Map>, prefix: &str, nulls: Nulls) {
        // What the null of one stands for in the other.
        let mut removed: BTreeSet<Key> = BTreeSet::new();
        if dst
            .entries
            .borrow()
            .values()
            .any(|entry| entry.value.is_nil())
        {
            for (key, entry) in snapshot(dst) {
                if !entry.value.is_nil() {
                    continue;
                }
                if src.get(&key).is_some_and(|known| !known.value.is_nil()) {
                    removed.insert(Rc::clone(&key));
                }
                src.set(key, entry);
            }
        }
        for (key, entry) in snapshot(src) {
            let known = dst.get(&key);
            let Some(known) = known else {
                dst.set(key, entry);
                continue;
            };
            if nulls == Nulls::Remove && known.value.is_nil() && removed.contains(&key) {
                dst.entries.borrow_mut().remove(&key);
                continue;
            }
            let full = || joined(prefix, &shown(&key));
            match (known.value.as_map(), entry.value.as_map()) {
                (Some(dst), Some(src)) => self.tables(dst, src, &full(), nulls),
                (None, Some(_)) => {
                    let value = printed(&entry.value);
                    self.warn(format!(
                        "warning: cannot overwrite table with non table for {} ({value})",
                        full()
                    ));
                }
                (Some(_), None) if !entry.value.is_nil() => {
                    let value = printed(&entry.value);
                    self.warn(format!(
                        "warning: destination for {} is a table. Ignoring non-table value ({value})",
                        full()
                    ));
                }
                _ => {}
            }
        }
    }
}

/// Takes every null out of a table and the tables in it.
fn clean(value: &Value) {
    let Some(map) = value.as_map() else { return };
    let mut entries = map.entries.borrow_mut();
    entries.retain(|entry| !entry.value.is_nil());
    let tables = entries.values().map(|entry| &entry.value);
    let tables = tables.filter(|value| value.as_map().is_some());
    let tables: Vec<Value> = tables.cloned().collect();
    drop(entries);
    tables.iter().for_each(clean);
}

/// Helm prints the culprit with `%t`, which is right for no value but a boolean.
fn printed_as_bool(value: &Value) -> String {
    match &value.data {
        Data::Bool(is) => is.to_string(),
        Data::Nil | Data::Missing => "%!t(<nil>)".to_owned(),
        Data::List(list) => {
            let items: Vec<String> = list.items.iter().map(printed_as_bool).collect();
            format!("[{}]", items.join(" "))
        }
        _ => format!("%!t({}={})", value.type_name(), printed(value)),
    }
}
