//! Values of types with names of their own: asked to print themselves, or taken apart.

use super::super::error::Failure;
use super::super::value::{IntType, Member, Object, Value};
use super::{ADDRESS, Printer};

impl Printer<'_> {
    pub(super) fn print_object(
        &mut self,
        value: &Value,
        object: &dyn Object,
        verb: char,
        depth: usize,
    ) -> Result<(), Failure> {
        if !self.erroring {
            if self.flags.sharp_v {
                if let Some(text) = object.go_string() {
                    return self.fmt_s(&text, None);
                }
            } else if object.has_string() && matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
                return self.fmt_string(value, &object.print(), verb, None);
            }
        }
        if let Some(integer) = object.integer() {
            return self.fmt_int(value, integer.value, IntType::Int64, verb);
        }
        if object.kind() == "ptr" && (depth > 0 || object.address() == Some(0)) {
            return self.print_address(value, object, verb);
        }
        if let Some(members) = object.members() {
            let name = object.type_name();
            let pointed = name.strip_prefix('*').filter(|_| object.kind() == "ptr");
            if pointed.is_some() {
                self.write(b"&")?;
            }
            let inside = depth + usize::from(pointed.is_some());
            return self.print_members(pointed.unwrap_or(name), &members, verb, inside);
        }
        let Some(entries) = object.entries() else {
            return self.fmt_string(value, &object.print(), verb, None);
        };
        if object.kind() == "slice" {
            let items = entries.iter().map(|(_, item)| item);
            return self.print_items(object.type_name(), items, |printer, item| {
                printer.print_value(item, verb, depth + 1)
            });
        }
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(object.type_name().as_bytes())?;
        }
        self.write(if sharp { b"{" } else { b"map[" })?;
        for (at, (key, item)) in entries.iter().enumerate() {
            if at > 0 {
                self.write(if sharp { b", " } else { b" " })?;
            }
            self.print_value(&Value::str(&**key), verb, depth + 1)?;
            self.write(b":")?;
            self.print_value(item, verb, depth + 1)?;
        }
        self.write(if sharp { b"}" } else { b"]" })
    }

    fn print_members(
        &mut self,
        type_name: &str,
        members: &[Member],
        verb: char,
        depth: usize,
    ) -> Result<(), Failure> {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(type_name.as_bytes())?;
        }
        self.write(b"{")?;
        for (at, member) in members.iter().enumerate() {
            if at > 0 {
                self.write(if sharp { b", " } else { b" " })?;
            }
            if sharp || self.flags.plus_v {
                self.write(member.name.as_bytes())?;
                self.write(b":")?;
            }
            self.print_value(&member.value, verb, depth + 1)?;
        }
        self.write(b"}")
    }

    /// A pointer within something else is printed as where it leads.
    fn print_address(
        &mut self,
        value: &Value,
        object: &dyn Object,
        verb: char,
    ) -> Result<(), Failure> {
        let address = object.address().unwrap_or(ADDRESS);
        match verb {
            'v' if self.flags.sharp_v => {
                self.write(b"(")?;
                self.write(object.type_name().as_bytes())?;
                self.write(b")(")?;
                self.fmt_0x(address)?;
                self.write(b")")
            }
            'v' if address == 0 => self.pad(b"<nil>"),
            'v' => {
                let sharp = self.flags.sharp;
                self.flags.sharp = !sharp;
                let done = self.fmt_integer(address, 16, false, 'v', false);
                self.flags.sharp = sharp;
                done
            }
            'b' | 'o' | 'd' | 'x' | 'X' => {
                self.fmt_integer(address, base(verb), false, verb, verb == 'X')
            }
            _ => self.bad_verb(value, verb),
        }
    }
}

/// The base that a verb writes integers in.
fn base(verb: char) -> u64 {
    match verb {
        'b' => 2,
        'o' => 8,
        'd' => 10,
        _ => 16,
    }
}
