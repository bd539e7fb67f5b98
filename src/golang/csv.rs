//! `encoding/csv`, as far as `pflag` has use for it: the first record of a text. Helm reads the
//! arguments of flags that take lists (`--values`, `--api-versions`) with it.

/// `ErrBareQuote`.
const BARE_QUOTE: &str = "bare \" in non-quoted-field";
/// `ErrQuote`.
const QUOTE: &str = "extraneous or missing \" in quoted-field";

/// The fields of the first record of a text, or none where there is no text: `pflag`'s `readAsCSV`.
///
/// # Errors
/// What Go says of a text that is no record: `parse error on line 1, column 2: bare " in
/// non-quoted-field`; columns count bytes.
pub fn record(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut reader = Reader {
        rest: text,
        line: "",
        number: 0,
        at: 0,
    };
    while matches!(reader.line, "" | "\n" | "\r\n") {
        if !reader.next_line() {
            return Err("EOF".to_owned());
        }
    }
    let first = reader.number;
    reader.fields().map_err(|wrong| {
        let (line, column) = (reader.number, reader.at + 1);
        let place = format!("parse error on line {line}, column {column}: {wrong}");
        match line == first {
            true => place,
            false => format!("record on line {first}; {place}"),
        }
    })
}

struct Reader<'a> {
    /// What follows the current line.
    rest: &'a str,
    /// The current line, with its end.
    line: &'a str,
    /// Its number, from 1 on.
    number: usize,
    /// How many of its bytes are read.
    at: usize,
}

impl<'a> Reader<'a> {
    /// Whether there is another line, which is the current one then.
    fn next_line(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        // The end of a text may be half of the end of a line.
        self.line = line.strip_suffix('\r').unwrap_or(line);
        (self.rest, self.at) = (rest, 0);
        self.number += 1;
        true
    }

    /// What of the line is to be read, without its end.
    fn left(&self) -> &'a str {
        let line = self.line.get(self.at..).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn fields(&mut self) -> Result<Vec<String>, &'static str> {
        let mut fields = Vec::new();
        loop {
            let field = match self.left().starts_with('"') {
                true => self.quoted()?,
                false => self.bare()?.to_owned(),
            };
            fields.push(field);
            if !self.left().starts_with(',') {
                return Ok(fields);
            }
            self.at += 1;
        }
    }

    fn bare(&mut self) -> Result<&'a str, &'static str> {
        let field = self.left().split(',').next().unwrap_or_default();
        if let Some(quote) = field.find('"') {
            self.at += quote;
            return Err(BARE_QUOTE);
        }
        self.at += field.len();
        Ok(field)
    }

    /// A field within quotes, which may reach over lines.
    fn quoted(&mut self) -> Result<String, &'static str> {
        let mut field = String::new();
        self.at += 1;
        loop {
            let line = self.line.get(self.at..).unwrap_or_default();
            let Some(quote) = line.find('"') else {
                field.push_str(&line.replace("\r\n", "\n"));
                self.at = self.line.len();
                match self.next_line() {
                    true => continue,
                    false => return Err(QUOTE),
                }
            };
            field.push_str(line.get(..quote).unwrap_or_default());
            self.at += quote + 1;
            match self.left().bytes().next() {
                Some(b'"') => {
                    field.push('"');
                    self.at += 1;
                }
                None | Some(b',') => return Ok(field),
                Some(_) => {
                    // The quote itself is out of place.
                    self.at -= 1;
                    return Err(QUOTE);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::record;

    /// Answers of Helm 4.3.1 to `-f TEXT`.
    #[test]
    fn a_flag_that_takes_a_list_is_a_record() {
        case("a.yaml", Ok(&["a.yaml"]));
        case("a,b", Ok(&["a", "b"]));
        case("a,", Ok(&["a", ""]));
        case("", Ok(&[]));
        case(" a", Ok(&[" a"]));
        case("\"a,b\"", Ok(&["a,b"]));
        case("c,\"a,b\",", Ok(&["c", "a,b", ""]));
        case("\"a\"\"b\"", Ok(&["a\"b"]));
        case("\"a\r\nb\"", Ok(&["a\nb"]));
    }

    #[test]
    fn only_the_first_line_with_bytes_counts() {
        case("\n\na\nb", Ok(&["a"]));
        case("a\r", Ok(&["a"]));
        case("a\r\nb", Ok(&["a"]));
        case("\n", Err("EOF"));
        case("\r", Err("EOF"));
    }

    #[test]
    fn a_quote_out_of_place_is_told_with_its_column() {
        let bare = "parse error on line 1, column 2: bare \" in non-quoted-field";
        case("b\"c", Err(bare));
        let bytes = "parse error on line 1, column 3: bare \" in non-quoted-field";
        case("é\"", Err(bytes));
        let missing = "parse error on line 1, column 3: extraneous or missing \" in quoted-field";
        case("\"b", Err(missing));
        case("\"b\"c", Err(missing));
        let later = "record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field";
        case("\"a\nb", Err(later));
    }

    #[track_caller]
    fn case(text: &str, expected: Result<&[&str], &str>) {
        let got = record(text);
        let got = got.as_deref().map_err(String::as_str);
        match (got, expected) {
            (Ok(got), Ok(expected)) => assert_eq!(got, expected, "{text:?}"),
            (got, expected) => assert_eq!(got.err(), expected.err(), "{text:?}"),
        }
    }
}
