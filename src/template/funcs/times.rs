//! `time.Time` as a value, with the methods of Go 1.27 that give something, and the types that these
//! lead to.

use std::any::Any;
use std::rc::Rc;

use crate::golang::time::{Place, Time, month_name, weekday_name};
use crate::source::{Origins, Text};

use super::super::value::{Data, Encoded, Encoding, IntType, Integer, Member, Object, Value};
use super::Param::{self, Duration, Int, Named, Pointer, Str};
use super::durations::{self, DurationObject};

/// Go's name of the type.
pub(super) const TYPE: &str = "time.Time";

const LOCATION: &str = "*time.Location";

/// Where `time.Local` lies in the program that Helm 4.3.1 is on linux/amd64. Verbs for numbers print
/// it of a time.
const LOCAL: u64 = 70_550_048;

/// A time as a value.
pub(super) fn object(time: Time) -> Value {
    value(TimeObject { time })
}

fn value(object: impl Object + 'static) -> Value {
    Value::new(Data::Object(Rc::new(object)))
}

fn bytes(bytes: Vec<u8>) -> Value {
    Value::new(Data::Bytes(Rc::new(Text::plain(bytes))))
}

/// The time behind a value.
pub(super) fn time_of(value: &Value) -> Option<Time> {
    let Data::Object(object) = &value.data else {
        return None;
    };
    let object = object.as_any().downcast_ref::<TimeObject>()?;
    Some(object.time.clone())
}

/// `time.Time`.
#[derive(Debug)]
struct TimeObject {
    time: Time,
}

impl TimeObject {
    /// What a method gives that takes no arguments.
    fn property(&self, name: &str) -> Option<Result<Value, String>> {
        let time = &self.time;
        let civil = time.civil();
        let nanos = i64::from(time.nanos);
        let fine = |units: i64, rest: i64| {
            let whole = time.unix.wrapping_mul(units);
            Value::int64(whole.wrapping_add(rest))
        };
        let marshaled = |prefix: &str| {
            let text = time.marshaled();
            text.map_err(|why| format!("Time.{prefix}: {why}"))
        };
        Some(Ok(match name {
            "Unix" => Value::int64(time.unix),
            "UnixMilli" => fine(1000, nanos / 1_000_000),
            "UnixMicro" => fine(1_000_000, nanos / 1000),
            "UnixNano" => fine(1_000_000_000, nanos),
            "Year" => Value::int(civil.year),
            "Month" => value(NamedInteger::month(i64::from(civil.month))),
            "Day" => Value::int(i64::from(civil.day)),
            "Weekday" => value(NamedInteger::weekday(civil.weekday)),
            "YearDay" => Value::int(civil.year_day),
            "Hour" => Value::int(civil.clock / 3600),
            "Minute" => Value::int(civil.clock / 60 % 60),
            "Second" => Value::int(civil.clock % 60),
            "Nanosecond" => Value::int(nanos),
            "UTC" => object(time.in_utc()),
            "Local" => object(Time {
                place: Place::Local,
                ..time.in_utc()
            }),
            "Location" => value(Location::of(time)),
            "String" => Value::str(time.to_bytes()),
            "GoString" => Value::str(time.go_string()),
            "IsZero" => Value::bool(time.unix == Time::zero().unix && nanos == 0),
            // Neither UTC nor a fixed zone has any daylight saving time.
            "IsDST" => Value::bool(false),
            "MarshalJSON" => match marshaled(name) {
                Ok(text) => bytes([b"\"", text.as_slice(), b"\""].concat()),
                Err(why) => return Some(Err(why)),
            },
            "MarshalText" => match marshaled(name) {
                Ok(text) => bytes(text),
                Err(why) => return Some(Err(why)),
            },
            "MarshalBinary" | "GobEncode" => match time.binary() {
                Ok(binary) => bytes(binary),
                Err(why) => return Some(Err(why.to_owned())),
            },
            "Clock" | "Date" => {
                let why = format!("function {name} has 3 return values; should be 1 or 2");
                return Some(Err(why));
            }
            "ISOWeek" | "Zone" | "ZoneBounds" => {
                let second = if name == "ZoneBounds" { TYPE } else { "int" };
                return Some(Err(format!(
                    "invalid function signature for {name}: \
                     second return value should be error; is {second}"
                )));
            }
            _ => return None,
        }))
    }

    /// The bytes of the first argument and behind them what a method appends.
    fn appended(first: &Value, more: &[u8]) -> Value {
        match &first.data {
            Data::Bytes(text) => bytes([text.bytes(), more].concat()),
            _ => bytes(more.to_vec()),
        }
    }
}

impl Object for TimeObject {
    fn type_name(&self) -> &str {
        TYPE
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        self.time.to_bytes()
    }

    fn has_string(&self) -> bool {
        true
    }

    fn go_string(&self) -> Option<Vec<u8>> {
        Some(self.time.go_string().into_bytes())
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn members(&self) -> Option<Vec<Member>> {
        let wall = Data::Int(i64::from(self.time.nanos), IntType::Uint64);
        // UTC is a nil pointer there.
        let location = Location {
            is_nil: self.time.place == Place::Utc,
            ..Location::of(&self.time)
        };
        Some(vec![
            Member::new("wall", Value::new(wall)),
            Member::new("ext", Value::int64(self.time.since_year_1())),
            Member::new("loc", value(location)),
        ])
    }

    fn encoded(&self, encoding: Encoding) -> Option<Result<Encoded, String>> {
        Some(match encoding {
            Encoding::Json => match self.time.marshaled() {
                Ok(text) => Ok(Encoded::Text(text)),
                Err(why) => Err(format!(
                    "json: error calling MarshalJSON for type *time.Time: {why}"
                )),
            },
            Encoding::Yaml | Encoding::Toml => Ok(Encoded::Bare(self.time.rfc3339())),
        })
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| self.time == other.time)
    }

    fn params(&self, method: &str) -> Option<&'static [Param]> {
        Some(match method {
            "Format" => &[Str],
            "Add" | "Round" | "Truncate" => &[Duration],
            "Sub" | "After" | "Before" | "Equal" | "Compare" => &[Named(TYPE)],
            "AddDate" => &[Int, Int, Int],
            "In" => &[Pointer(LOCATION)],
            "AppendFormat" => &[Pointer("[]uint8"), Str],
            "AppendText" | "AppendBinary" => &[Pointer("[]uint8")],
            _ if self.property(method).is_some() => &[],
            _ => return None,
        })
    }

    fn call(
        &self,
        name: &str,
        args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        let time = &self.time;
        let argument = |at: usize| args.get(at).cloned().unwrap_or_else(Value::missing);
        let int = |at: usize| argument(at).as_integer().map_or(0, |(value, _)| value);
        let length = DurationObject::of(&argument(0)).unwrap_or(0);
        Some(Ok(match name {
            "Format" => {
                let layout = argument(0);
                Value::str(time.format(layout.as_bytes().unwrap_or_default()))
            }
            "Add" => object(time.add(length)),
            "Round" => object(time.round(length)),
            "Truncate" => object(time.truncate(length)),
            "AddDate" => object(time.add_date(int(0), int(1), int(2))),
            "Sub" | "After" | "Before" | "Equal" | "Compare" => {
                let other = time_of(&argument(0)).unwrap_or_else(Time::zero);
                let order = (time.unix, time.nanos).cmp(&(other.unix, other.nanos));
                match name {
                    "Sub" => durations::object(time.sub(&other)),
                    "After" => Value::bool(order.is_gt()),
                    "Before" => Value::bool(order.is_lt()),
                    "Equal" => Value::bool(order.is_eq()),
                    _ => Value::int(order as i64),
                }
            }
            "In" => match Location::behind(&argument(0)) {
                Some(location) => object(Time {
                    place: location.place,
                    zone: location.name.clone(),
                    offset: location.offset,
                    ..time.clone()
                }),
                None => return Some(Err("time: missing Location in call to Time.In".to_owned())),
            },
            "AppendFormat" => {
                let layout = argument(1);
                let text = time.format(layout.as_bytes().unwrap_or_default());
                Self::appended(&argument(0), &text)
            }
            "AppendText" => match time.marshaled() {
                Ok(text) => Self::appended(&argument(0), &text),
                Err(why) => return Some(Err(format!("Time.AppendText: {why}"))),
            },
            "AppendBinary" => match time.binary() {
                Ok(binary) => Self::appended(&argument(0), &binary),
                Err(why) => return Some(Err(why.to_owned())),
            },
            _ => return self.property(name),
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `time.Month` and `time.Weekday`: integers that print a name.
#[derive(Debug)]
struct NamedInteger {
    type_name: &'static str,
    value: i64,
    name: fn(i64) -> String,
    of: fn(i64) -> Value,
}

impl NamedInteger {
    fn month(month: i64) -> Self {
        Self {
            type_name: "time.Month",
            value: month,
            name: month_name,
            of: |month| value(Self::month(month)),
        }
    }

    fn weekday(weekday: i64) -> Self {
        Self {
            type_name: "time.Weekday",
            value: weekday,
            name: weekday_name,
            of: |weekday| value(Self::weekday(weekday)),
        }
    }
}

impl Object for NamedInteger {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn kind(&self) -> &'static str {
        "int"
    }

    fn print(&self) -> Vec<u8> {
        (self.name)(self.value).into_bytes()
    }

    fn has_string(&self) -> bool {
        true
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn integer(&self) -> Option<Integer> {
        Some(Integer {
            value: self.value,
            of: self.of,
        })
    }

    fn params(&self, method: &str) -> Option<&'static [Param]> {
        (method == "String").then_some(&[])
    }

    fn call(
        &self,
        name: &str,
        _args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        (name == "String").then(|| Ok(Value::str(self.print())))
    }

    fn truth(&self) -> bool {
        self.value != 0
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `*time.Location`.
#[derive(Debug)]
struct Location {
    place: Place,
    name: Vec<u8>,
    offset: i32,
    is_nil: bool,
}

impl Location {
    fn of(time: &Time) -> Self {
        Self {
            place: time.place,
            name: time.zone.clone(),
            offset: time.offset,
            is_nil: false,
        }
    }

    fn behind(value: &Value) -> Option<&Self> {
        match &value.data {
            Data::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }
}

impl Object for Location {
    fn type_name(&self) -> &str {
        LOCATION
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn address(&self) -> Option<u64> {
        match self.place {
            _ if self.is_nil => Some(0),
            Place::Local => Some(LOCAL),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        self.name.clone()
    }

    fn has_string(&self) -> bool {
        true
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn members(&self) -> Option<Vec<Member>> {
        Some(vec![
            Member::new("name", Value::str(self.name.as_slice())),
            Member::new("zone", Value::list(Vec::new())),
            Member::new("tx", Value::list(Vec::new())),
            Member::new("extend", Value::str("")),
            Member::new("cacheStart", Value::int64(0)),
            Member::new("cacheEnd", Value::int64(0)),
            Member::new("cacheZone", Value::nil()),
        ])
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        // Two fixed zones are two, whatever they are called.
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| self.place == other.place && self.place != Place::Fixed)
    }

    fn params(&self, method: &str) -> Option<&'static [Param]> {
        (method == "String").then_some(&[])
    }

    fn call(
        &self,
        name: &str,
        _args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        (name == "String").then(|| Ok(Value::str(self.print())))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
