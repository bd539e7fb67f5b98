//! Places in a tree of values, and which of them are read.

use std::sync::Arc;

use super::index::{Index, hash_of};

/// A name, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

impl Name {
    /// `Values`, `Subcharts` and `global`, which every tree knows.
    pub(super) const VALUES: Self = Self(0);
    pub(super) const SUBCHARTS: Self = Self(1);
    pub(super) const GLOBAL: Self = Self(2);
}

/// A step down the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// To the entry of a key.
    Key(Name),
    /// To any entry or item: which one is not known.
    Any,
}

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(u32);

impl Place {
    /// The whole tree.
    pub const ROOT: Self = Self(0);

    fn at(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
struct Node {
    parent: Place,
    step: Step,
    /// The places in it are a chain, in the order in which they were come by: its ends, and the
    /// next one in the chain that this place is in. The root is in none, and ends them all.
    first: Place,
    last: Place,
    next: Place,
    depth: u8,
    is_read: bool,
    is_whole: bool,
    /// Whether any of its entries or items, it is not known which, was asked for.
    is_searched: bool,
    /// Whether a map is merged into it,
    is_merged: bool,
    /// into one that lies directly in it,
    is_merged_within: bool,
    /// or anywhere in it.
    is_merged_below: bool,
}

impl Node {
    fn new(parent: Place, step: Step, depth: u8) -> Self {
        Self {
            parent,
            step,
            first: Place::ROOT,
            last: Place::ROOT,
            next: Place::ROOT,
            depth,
            is_read: false,
            is_whole: false,
            is_searched: false,
            is_merged: false,
            is_merged_within: false,
            is_merged_below: false,
        }
    }
}

/// No place lies deeper; what does is not told apart from what is around it.
const MAX_DEPTH: u8 = 40;

/// Charts mostly come by fewer places, and name fewer. What is not used of a table of this size is
/// not touched; one that grows is copied.
const MOST: usize = 1024;

/// All places that templates come by.
#[derive(Debug)]
pub struct Places {
    nodes: Vec<Node>,
    inner: Index,
    names: Vec<Arc<str>>,
    numbers: Index,
    /// Those that a map is merged into.
    merged: Vec<Place>,
}

impl Places {
    pub(super) fn new() -> Self {
        let mut nodes = Vec::with_capacity(MOST);
        nodes.push(Node::new(Place::ROOT, Step::Any, 0));
        let mut places = Self {
            nodes,
            inner: Index::default(),
            names: Vec::with_capacity(MOST),
            numbers: Index::default(),
            merged: Vec::new(),
        };
        for name in ["Values", "Subcharts", "global"] {
            places.name(name);
        }
        places
    }

    fn number(&self, text: &str, hash: u64) -> Option<Name> {
        let is = |number: u32| {
            let known = self.names.get(number as usize);
            known.is_some_and(|known| **known == *text)
        };
        self.numbers.find(hash, is).map(Name)
    }

    pub(super) fn name(&mut self, text: &str) -> Name {
        let hash = hash_of(text);
        if let Some(name) = self.number(text, hash) {
            return name;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::from(text));
        let names = &self.names;
        let known = |number: u32| hash_of(names.get(number as usize).map_or("", |name| name));
        self.numbers.insert(hash, number, known);
        Name(number)
    }

    pub(super) fn str(&self, name: Name) -> &str {
        self.names.get(name.0 as usize).map_or("", |name| name)
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        let text = self.names.get(name.0 as usize);
        text.map_or_else(|| Arc::from(""), Arc::clone)
    }

    fn node(&self, place: Place) -> &Node {
        // Every place was made by `inner`, which fills `nodes`.
        &self.nodes[place.at()]
    }

    /// The place one step below; the place itself where that is too deep.
    pub(super) fn inner(&mut self, place: Place, step: Step) -> Place {
        let hash = hash_of((place, step));
        if let Some(inner) = self.find(place, step, hash) {
            return inner;
        }
        let depth = self.node(place).depth + 1;
        let Ok(number) = u32::try_from(self.nodes.len()) else {
            return place;
        };
        if depth > MAX_DEPTH {
            self.read_whole(place);
            return place;
        }
        let inner = Place(number);
        self.nodes.push(Node::new(place, step, depth));
        let nodes = &self.nodes;
        let known = |number: u32| {
            let node = nodes.get(number as usize);
            node.map_or(0, |node| hash_of((node.parent, node.step)))
        };
        self.inner.insert(hash, number, known);
        let mut last = Place::ROOT;
        if let Some(node) = self.nodes.get_mut(place.at()) {
            last = std::mem::replace(&mut node.last, inner);
            node.is_searched |= step == Step::Any;
            if last == Place::ROOT {
                node.first = inner;
            }
        }
        if last != Place::ROOT
            && let Some(node) = self.nodes.get_mut(last.at())
        {
            node.next = inner;
        }
        inner
    }

    fn find(&self, place: Place, step: Step, hash: u64) -> Option<Place> {
        let is = |number: u32| {
            let node = self.node(Place(number));
            node.parent == place && node.step == step
        };
        self.inner.find(hash, is).map(Place)
    }

    /// The place one step below, where it was come by.
    fn known(&self, place: Place, step: Step) -> Option<Place> {
        if step == Step::Any && !self.node(place).is_searched {
            return None;
        }
        self.find(place, step, hash_of((place, step)))
    }

    /// The place at a path of keys.
    pub(super) fn path(&mut self, mut place: Place, path: &[&str]) -> Place {
        for key in path {
            let step = Step::Key(self.name(key));
            place = self.inner(place, step);
        }
        place
    }

    /// The place is looked at, though not all that is in it.
    pub(super) fn read(&mut self, mut place: Place) {
        while let Some(node) = self.nodes.get_mut(place.at())
            && !node.is_read
        {
            node.is_read = true;
            place = node.parent;
        }
    }

    /// The place is looked at with all that is in it.
    pub(super) fn read_whole(&mut self, place: Place) {
        self.read(place);
        if let Some(node) = self.nodes.get_mut(place.at()) {
            node.is_whole = true;
        }
    }

    /// The keys from the root; nothing where one of them is not known.
    #[must_use]
    pub fn keys(&self, mut place: Place) -> Option<Vec<&str>> {
        let mut keys = Vec::with_capacity(usize::from(self.node(place).depth));
        while place != Place::ROOT {
            let node = self.node(place);
            let Step::Key(name) = node.step else {
                return None;
            };
            keys.push(self.str(name));
            place = node.parent;
        }
        keys.reverse();
        Some(keys)
    }

    /// How many steps two places have in common, from the root.
    pub(super) fn common(&self, mut a: Place, mut b: Place) -> usize {
        while a != b {
            if self.node(a).depth < self.node(b).depth {
                b = self.node(b).parent;
            } else {
                a = self.node(a).parent;
            }
        }
        usize::from(self.node(a).depth)
    }

    /// The places that stand for the entry of a key below any of `places`.
    #[must_use]
    pub fn entry(&self, places: &[Place], key: &str) -> Vec<Place> {
        let mut found = Vec::new();
        self.entry_to(&mut found, places, key);
        found
    }

    /// The same in a list that has a place already.
    pub fn entry_to(&self, found: &mut Vec<Place>, places: &[Place], key: &str) {
        found.clear();
        let key = self.number(key, hash_of(key)).map(Step::Key);
        for step in key.into_iter().chain([Step::Any]) {
            for place in places {
                if let Some(inner) = self.known(*place, step) {
                    found.push(inner);
                }
            }
        }
    }

    /// The places that stand for the items below any of `places`.
    #[must_use]
    pub fn items(&self, places: &[Place]) -> Vec<Place> {
        let places = places.iter();
        places
            .filter_map(|place| self.known(*place, Step::Any))
            .collect()
    }

    /// Whether any of them is looked at.
    #[must_use]
    pub fn is_read(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.node(*place).is_read)
    }

    /// A map is merged into it.
    pub(super) fn merge(&mut self, place: Place) {
        let mut parent = Place::ROOT;
        if let Some(node) = self.nodes.get_mut(place.at()) {
            if !node.is_merged {
                self.merged.push(place);
            }
            node.is_merged = true;
            parent = node.parent;
        }
        if let Some(node) = self.nodes.get_mut(parent.at()) {
            node.is_merged_within = true;
        }
        while let Some(node) = self.nodes.get_mut(parent.at())
            && !node.is_merged_below
        {
            node.is_merged_below = true;
            parent = node.parent;
        }
    }

    /// Whether a map is merged into it, or into any place in it.
    pub(super) fn is_merged_below(&self, place: Place) -> bool {
        let node = self.node(place);
        node.is_merged || node.is_merged_below
    }

    /// How many places a map is merged into: so many are looked through for those in one.
    pub(super) fn merged(&self) -> usize {
        self.merged.len()
    }

    /// The places in it that a map is merged into, and itself where one is.
    pub(super) fn merged_below(&self, place: Place) -> Vec<Place> {
        let depth = self.node(place).depth;
        let is_within = |inner: &&Place| {
            let mut inner = **inner;
            while self.node(inner).depth > depth {
                inner = self.node(inner).parent;
            }
            inner == place
        };
        self.merged.iter().filter(is_within).copied().collect()
    }

    /// Whether a map is merged into it, or into one that lies directly in it.
    pub(super) fn is_merged(&self, place: Place) -> bool {
        let node = self.node(place);
        node.is_merged || node.is_merged_within
    }

    /// The places directly in it that a map is merged into, by such a step.
    pub(super) fn merged_within(&self, place: Place, is_such: impl Fn(Step) -> bool) -> Vec<Place> {
        let is_within = |inner: &&Place| {
            let node = self.node(**inner);
            node.parent == place && is_such(node.step)
        };
        self.merged.iter().filter(is_within).copied().collect()
    }

    /// Whether it, or a place that it is in, is looked at with all that is in it.
    pub(super) fn is_read_around(&self, mut place: Place) -> bool {
        while !self.node(place).is_whole && place != Place::ROOT {
            place = self.node(place).parent;
        }
        self.node(place).is_whole
    }

    /// Whether a place beside it was asked for that may be the same entry.
    pub(super) fn is_looked_beside(&self, place: Place) -> bool {
        let node = self.node(place);
        let outer = self.node(node.parent);
        match node.step {
            Step::Key(_) => outer.is_searched,
            Step::Any => outer.first != place || outer.last != place,
        }
    }

    /// Whether a place in it was asked for.
    pub(super) fn is_looked_into(&self, place: Place) -> bool {
        self.node(place).first != Place::ROOT
    }

    /// Whether any of them is looked at with all that is in it.
    #[must_use]
    pub fn is_read_whole(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.node(*place).is_whole)
    }

    fn read_below<'a>(&'a self, places: &'a [Place]) -> impl Iterator<Item = &'a Node> {
        let is_one = |place: &Place| *place != Place::ROOT;
        let inner = places.iter().flat_map(move |place| {
            let first = Some(self.node(*place).first).filter(is_one);
            std::iter::successors(first, move |place| {
                Some(self.node(*place).next).filter(is_one)
            })
        });
        inner
            .map(|place| self.node(place))
            .filter(|node| node.is_read)
    }

    /// Whether anything below any of them is looked at.
    #[must_use]
    pub fn is_read_below(&self, places: &[Place]) -> bool {
        places.iter().any(|place| {
            let mut inner = self.node(*place).first;
            while inner != Place::ROOT && !self.node(inner).is_read {
                inner = self.node(inner).next;
            }
            inner != Place::ROOT
        })
    }

    /// The keys that are looked at below any of `places`, as far as they are known.
    #[must_use]
    pub fn keys_read(&self, places: &[Place]) -> Vec<String> {
        let steps = self.read_below(places).map(|node| node.step);
        let keys = steps.filter_map(|step| match step {
            Step::Key(name) => Some(self.text(name).to_string()),
            Step::Any => None,
        });
        keys.collect()
    }
}
