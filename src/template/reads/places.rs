//! Places in a tree of values, and which of them are read.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// A name, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

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
    depth: usize,
    inner: Vec<Place>,
    is_read: bool,
    is_whole: bool,
}

/// No place lies deeper; what does is not told apart from what is around it.
const MAX_DEPTH: usize = 40;

/// All places that templates come by.
#[derive(Debug)]
pub struct Places {
    nodes: Vec<Node>,
    inner: FxHashMap<(Place, Step), Place>,
    names: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, Name>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node {
                parent: Place::ROOT,
                step: Step::Any,
                depth: 0,
                inner: Vec::new(),
                is_read: false,
                is_whole: false,
            }],
            inner: FxHashMap::default(),
            names: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    pub(super) fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.numbers.get(text) {
            return *name;
        }
        let name = Name(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = Arc::from(text);
        self.names.push(Arc::clone(&text));
        self.numbers.insert(text, name);
        name
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        let text = self.names.get(name.0 as usize);
        text.map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// Whether a name is this text.
    pub(super) fn is(&self, name: Name, text: &str) -> bool {
        let known = self.names.get(name.0 as usize);
        known.is_some_and(|known| **known == *text)
    }

    fn node(&self, place: Place) -> &Node {
        // Every place was made by `inner`, which fills `nodes`.
        &self.nodes[place.at()]
    }

    /// The place one step below; the place itself where that is too deep.
    pub(super) fn inner(&mut self, place: Place, step: Step) -> Place {
        if let Some(inner) = self.inner.get(&(place, step)) {
            return *inner;
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
        self.nodes.push(Node {
            parent: place,
            step,
            depth,
            inner: Vec::new(),
            is_read: false,
            is_whole: false,
        });
        self.inner.insert((place, step), inner);
        if let Some(node) = self.nodes.get_mut(place.at()) {
            node.inner.push(inner);
        }
        inner
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

    /// The steps from the root.
    pub(super) fn steps(&self, mut place: Place) -> Vec<Step> {
        let mut steps = Vec::new();
        while place != Place::ROOT {
            let node = self.node(place);
            steps.push(node.step);
            place = node.parent;
        }
        steps.reverse();
        steps
    }

    /// The keys from the root; nothing where one of them is not known.
    pub(super) fn keys(&self, place: Place) -> Option<Vec<Arc<str>>> {
        let key = |step: Step| match step {
            Step::Key(name) => Some(self.text(name)),
            Step::Any => None,
        };
        self.steps(place).into_iter().map(key).collect()
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
        self.node(a).depth
    }

    /// The places that stand for the entry of a key below any of `places`.
    #[must_use]
    pub fn entry(&self, places: &[Place], key: &str) -> Vec<Place> {
        let key = self.numbers.get(key).map(|name| Step::Key(*name));
        let mut found = Vec::new();
        for step in key.into_iter().chain([Step::Any]) {
            for place in places {
                if let Some(inner) = self.inner.get(&(*place, step)) {
                    found.push(*inner);
                }
            }
        }
        found
    }

    /// The places that stand for the items below any of `places`.
    #[must_use]
    pub fn items(&self, places: &[Place]) -> Vec<Place> {
        let pairs = places.iter().map(|place| (*place, Step::Any));
        pairs
            .filter_map(|pair| self.inner.get(&pair).copied())
            .collect()
    }

    /// Whether any of them is looked at.
    #[must_use]
    pub fn is_read(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.node(*place).is_read)
    }

    /// Whether a place in it was asked for.
    pub(super) fn is_looked_into(&self, place: Place) -> bool {
        !self.node(place).inner.is_empty()
    }

    /// Whether any of them is looked at with all that is in it.
    #[must_use]
    pub fn is_read_whole(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.node(*place).is_whole)
    }

    fn read_below<'a>(&'a self, places: &'a [Place]) -> impl Iterator<Item = &'a Node> {
        let inner = places.iter().flat_map(|place| &self.node(*place).inner);
        inner
            .map(|place| self.node(*place))
            .filter(|node| node.is_read)
    }

    /// Whether anything below any of them is looked at.
    #[must_use]
    pub fn is_read_below(&self, places: &[Place]) -> bool {
        self.read_below(places).next().is_some()
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
