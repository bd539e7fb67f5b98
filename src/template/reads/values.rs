//! What stands where: entries and items of the values and of what templates make.

use rustc_hash::FxHashSet;

use super::index::hash_of;
use super::known::{Known, MAX_ONES, Object, One, Union, add, join, only};
use super::places::{Name, Place, Step};
use super::walk::Walk;
use crate::source::Span;

impl Walk<'_> {
    /// A condition under way looks at a value.
    pub(super) fn look(&mut self, value: &Known) {
        if self.looking.is_some() {
            for one in value.iter() {
                if let One::Values(place) = one {
                    self.looked.push(*place);
                }
            }
        }
    }

    /// What stands under a key.
    pub(super) fn entry(&mut self, value: &Known, name: Name) -> Known {
        self.entry_within(value, name, 0)
    }

    fn entry_within(&mut self, value: &Known, name: Name, depth: usize) -> Known {
        match **value {
            [One::Values(place)]
                if depth == 0 && name != Name::GLOBAL && !self.places.is_merged(place) =>
            {
                let inner = self.places.inner(place, Step::Key(name));
                self.places.read(inner);
                return only(One::Values(inner));
            }
            [One::Map(number)] if depth == 0 => {
                if let Some(object) = self.look_into(number)
                    && object.rest.is_none()
                    && object.merged.is_empty()
                {
                    let known = object.entries.get(name).cloned();
                    return self.bounded(known.unwrap_or_default());
                }
            }
            [One::Other] if depth == 0 => return only(One::Other),
            _ => {}
        }
        let mut found = Union::default();
        // Maps that are merged into one another again and again are looked through many times.
        if depth > 8 || (depth > 0 && !self.work(4 * value.len())) {
            return only(One::Other);
        }
        for one in value.iter() {
            match *one {
                One::Root(chart) => found.add(&self.root_entry(chart, name)),
                One::Caller => {
                    found.add(&self.root_entry(0, name));
                    if name != Name::VALUES {
                        found.add(&only(One::Caller));
                    }
                }
                One::Subcharts(chart) => {
                    let text = self.places.text(name);
                    let mut subs = (0..).zip(&self.charts);
                    let sub = subs.find(|(_, sub)| sub.parent == Some(chart) && *sub.name == *text);
                    found.add(&only(sub.map_or(One::Other, |(sub, _)| One::Root(sub))));
                }
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Key(name));
                    self.places.read(inner);
                    found.add(&only(One::Values(inner)));
                    found.add(&self.global(place, name));
                    if let Some(merged) = self.merged.get(&place).cloned() {
                        found.add(&self.entry_within(&merged, name, depth + 1));
                    }
                    self.add_set(&mut found, place, |step| step == Step::Any);
                }
                One::Map(number) => {
                    let Some(object) = self.look_into(number) else {
                        continue;
                    };
                    let known = object.rest.iter().chain(object.entries.get(name));
                    known.for_each(|known| found.add(known));
                    for merged in object.merged.clone() {
                        found.add(&self.entry_within(&merged, name, depth + 1));
                    }
                }
                One::Text(_) | One::Like(_) | One::List(_) | One::Other => {
                    found.add(&only(One::Other));
                }
            }
        }
        self.bounded(found.done())
    }

    fn root_entry(&mut self, chart: u32, name: Name) -> Known {
        let own = match name {
            Name::VALUES => self.chart(chart).map(|chart| One::Values(chart.base)),
            Name::SUBCHARTS => Some(One::Subcharts(chart)),
            _ => None,
        };
        let own = only(own.unwrap_or(One::Other));
        self.asked.insert((chart, name));
        match self.put.get(&(chart, name)) {
            Some(put) => join(&own, put),
            None => own,
        }
    }

    /// `global` of a subchart is also that of every chart around it.
    fn global(&mut self, place: Place, name: Name) -> Known {
        if name != Name::GLOBAL {
            return Known::default();
        }
        let mut found = Union::default();
        let mut at = self.charts.iter().find(|chart| chart.base == place);
        while let Some(parent) = at.and_then(|chart| chart.parent) {
            if let Some(base) = self.chart(parent).map(|chart| chart.base) {
                let inner = self.places.inner(base, Step::Key(name));
                self.places.read(inner);
                found.add(&only(One::Values(inner)));
            }
            at = self.chart(parent);
        }
        found.done()
    }

    /// Any entry or item of a value.
    pub(super) fn item(&mut self, value: &Known) -> Known {
        let mut found = Union::default();
        for one in value.iter() {
            match *one {
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Any);
                    self.places.read(inner);
                    found.add(&only(One::Values(inner)));
                    if let Some(merged) = self.merged.get(&place).cloned()
                        && *merged != **value
                    {
                        found.add(&self.places_only(&merged));
                    }
                    self.add_set(&mut found, place, |step| step != Step::Any);
                }
                One::Map(number) | One::List(number) => {
                    let Some(object) = self.look_into(number) else {
                        continue;
                    };
                    let known = object.rest.iter().chain(object.entries.values());
                    let known = known.chain(&object.items);
                    known.for_each(|known| found.add(known));
                    for merged in object.merged.clone() {
                        found.add(&self.places_only(&merged));
                    }
                }
                One::Root(_) | One::Subcharts(_) => {
                    self.whole(&only(*one));
                    found.add(&only(One::Other));
                }
                One::Caller => found.add(&only(One::Caller)),
                One::Text(_) | One::Like(_) | One::Other => found.add(&only(One::Other)),
            }
        }
        self.bounded(found.done())
    }

    /// Adds what templates set in a place, by such a step.
    fn add_set(&mut self, found: &mut Union, place: Place, is_such: impl Fn(Step) -> bool) {
        if !self.places.is_merged(place) || !self.work(self.places.merged()) {
            return;
        }
        for inner in self.places.merged_within(place, is_such) {
            if let Some(set) = self.merged.get(&inner) {
                found.add(set);
            }
        }
    }

    /// Any entry of what was merged; what is not a place of the values counts as read.
    fn places_only(&mut self, value: &Known) -> Known {
        let mut found = Union::default();
        for one in value.iter() {
            match *one {
                One::Values(place) => {
                    let inner = self.places.inner(place, Step::Any);
                    self.places.read(inner);
                    found.add(&only(One::Values(inner)));
                }
                _ => self.whole(&only(*one)),
            }
        }
        found.done()
    }

    pub(super) fn bounded(&mut self, value: Known) -> Known {
        if value.len() <= MAX_ONES {
            return value;
        }
        self.whole(&value);
        only(One::Other)
    }

    /// A value is looked at with all that is in it.
    pub(super) fn whole(&mut self, value: &Known) {
        match **value {
            [One::Caller | One::Text(_) | One::Like(_) | One::Other] => return,
            [One::Values(place)] if !self.places.is_merged_below(place) => {
                return self.places.read_whole(place);
            }
            _ => {}
        }
        let mut open: Vec<One> = value.to_vec();
        let mut met: FxHashSet<Place> = FxHashSet::default();
        while let Some(one) = open.pop() {
            match one {
                One::Values(place) => {
                    self.places.read_whole(place);
                    let is_plain = !self.places.is_merged_below(place);
                    if is_plain || !met.insert(place) || !self.work(self.places.merged()) {
                        continue;
                    }
                    for place in self.places.merged_below(place) {
                        let merged = self.merged.get(&place);
                        open.extend(merged.into_iter().flat_map(|merged| merged.iter()));
                    }
                }
                One::Root(chart) => {
                    open.extend(self.chart(chart).map(|chart| One::Values(chart.base)));
                }
                One::Subcharts(chart) => {
                    let subs = (0..).zip(&self.charts);
                    let subs = subs.filter(|(_, sub)| sub.parent == Some(chart));
                    open.extend(subs.map(|(number, _)| One::Root(number)));
                }
                One::Map(number) | One::List(number) => {
                    let Some(object) = self.objects.get_mut(number as usize) else {
                        continue;
                    };
                    if object.is_whole {
                        continue;
                    }
                    object.is_whole = true;
                    let values = object.entries.values().chain(&object.items);
                    let values = values.chain(&object.merged).chain(&object.rest);
                    open.extend(values.flat_map(|value| value.iter()));
                }
                One::Caller | One::Text(_) | One::Like(_) | One::Other => {}
            }
        }
    }

    /// The object that is made at a place of the template under way.
    pub(super) fn make(&mut self, span: Span, mut object: Object) -> u32 {
        let held = object.entries.values().chain(&object.items);
        for value in held.chain(&object.rest) {
            self.hold(value);
        }
        let made = (span, self.frame);
        let objects = &self.objects;
        let is = |number: u32| {
            let object = objects.get(number as usize);
            object.is_some_and(|object| object.made == Some(made))
        };
        let hash = hash_of(made);
        let known = self.numbers.find(hash, is);
        let number = known.unwrap_or_else(|| {
            let number = u32::try_from(objects.len()).unwrap_or(u32::MAX);
            let known = |number: u32| {
                let object = objects.get(number as usize);
                hash_of(object.and_then(|object| object.made).unwrap_or(made))
            };
            self.numbers.insert(hash, number, known);
            number
        });
        match self.objects.get_mut(number as usize) {
            None => {
                object.made = Some(made);
                self.objects.push(object);
            }
            Some(known) => {
                let changed = known.or(object);
                if changed && known.is_held {
                    self.stale |= known.is_looked;
                } else if changed {
                    // Whoever looks at it is given it again, and does so again.
                    known.version += 1;
                }
                if changed && known.is_whole {
                    known.is_whole = false;
                    let again = if known.items.is_empty() {
                        One::Map(number)
                    } else {
                        One::List(number)
                    };
                    self.whole(&only(again));
                }
            }
        }
        number
    }

    pub(super) fn declare(&mut self, chart: u32, name: Name, value: &Known) {
        self.again.is_own = true;
        self.hold(value);
        if add(self.put.entry((chart, name)).or_default(), value) {
            self.stale |= self.asked.contains(&(chart, name));
        }
    }

    /// Something else holds a value from now on.
    pub(super) fn hold(&mut self, value: &Known) {
        for one in value.iter() {
            if let One::Map(number) | One::List(number) = *one
                && let Some(object) = self.objects.get_mut(number as usize)
            {
                object.is_held = true;
            }
        }
    }

    /// Which of its versions the objects that a value may be are in.
    pub(super) fn version(&self, value: &Known) -> u32 {
        let versions = value.iter().map(|one| match *one {
            One::Map(number) | One::List(number) => self
                .objects
                .get(number as usize)
                .map_or(0, |object| object.version),
            _ => 0,
        });
        versions.fold(0, u32::wrapping_add)
    }

    /// An object in which something is looked at.
    pub(super) fn look_into(&mut self, number: u32) -> Option<&Object> {
        let object = self.objects.get_mut(number as usize)?;
        object.is_looked = true;
        Some(object)
    }
}
