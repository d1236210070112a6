//! From text to leaves that know their bytes: one pass, no recursion.

use std::borrow::Cow;

use bulla_yaml::{Span, line_of, node_limit};

use crate::document::{Format, Leaf, Part, Site, TOO_MANY, hazard};
use crate::error::{Error, Place, Refusal};
use crate::metadata;
use crate::path::{PathId, Paths, Step};
use crate::value::Value;

/// Collections nested deeper are refused; the limit keeps hostile files cheap.
const NESTING_LIMIT: usize = 1000;

/// A text taken apart.
pub(super) struct Read<'s> {
    pub(super) parts: Vec<Part<'s>>,
    pub(super) paths: Paths<'s>,
    /// The bytes of the value at each path. A leaf's [`Site`] is its path's
    /// number.
    pub(super) spans: Vec<Span>,
    pub(super) top: Top,
}

/// The entries of the object that is the whole file.
#[derive(Clone, Debug, Default)]
pub(super) struct Top {
    /// Its last entry but for the `sops` block.
    pub(super) last: Option<Entry>,
    /// Its `sops` entry.
    pub(super) block: Option<Block>,
}

/// An entry of the top level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The first byte of the key.
    pub(super) start: u32,
    /// Behind the key's colon.
    pub(super) colon: u32,
    /// Behind the value.
    pub(super) end: u32,
}

/// The `sops` entry and what is around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) entry: Entry,
    /// The value's bytes.
    pub(super) value: Span,
    /// The end of the entry before it.
    pub(super) before: Option<u32>,
    /// The start of the entry behind it.
    pub(super) after: Option<u32>,
    /// How many values it has.
    pub(super) nodes: usize,
}

/// Reads a text.
///
/// # Errors
///
/// [`Error::Syntax`] for what is not JSON to sops, and refusals of what it cannot
/// carry.
pub(super) fn read(text: &str) -> Result<Read<'_>, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    let values = most_values(text);
    let mut reader = Reader {
        text,
        at: 0,
        open: Vec::new(),
        hidden: None,
        entry: None,
        nodes: 0,
        limit: node_limit(text.len()),
        leaves: Read {
            parts: Vec::with_capacity(values),
            paths: Paths::with_capacity(values),
            spans: Vec::with_capacity(values + 1),
            top: Top::default(),
        },
    };
    reader.leaves.spans.push(Span::at(0));
    reader.document()?;
    let mut leaves = reader.leaves;
    leaves.parts.shrink_to_fit();
    leaves.spans.shrink_to_fit();
    leaves.paths.shrink();
    Ok(leaves)
}

/// How many values a text has at most: one behind each comma, and one in each object or
/// list. Lists that grow while they are filled are up to three times in memory.
fn most_values(text: &str) -> usize {
    let mut rest = text.as_bytes();
    let mut values = 0;
    while let Some(start) = memchr::memchr(b'"', rest) {
        values += begun(&rest[..start]);
        rest = &rest[start + 1..];
        while let Some(end) = memchr::memchr2(b'"', b'\\', rest) {
            let is_end = rest[end] == b'"';
            rest = rest.get(end + if is_end { 1 } else { 2 }..).unwrap_or_default();
            if is_end {
                break;
            }
        }
    }
    (values + begun(rest)).min(node_limit(text.len()))
}

/// The commas and opening brackets of a text without strings.
fn begun(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

/// An object or list that is being read.
struct Frame {
    path: PathId,
    start: usize,
    /// How many entries or items there were.
    count: usize,
    is_list: bool,
}

struct Reader<'s> {
    text: &'s str,
    at: usize,
    open: Vec<Frame>,
    /// Inside of the `sops` entry: how many values there were before it.
    hidden: Option<usize>,
    /// The entry of the top level that is being read: its start and its colon.
    entry: Option<(u32, u32)>,
    nodes: usize,
    limit: usize,
    leaves: Read<'s>,
}

impl<'s> Reader<'s> {
    fn document(&mut self) -> Result<(), Error> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.wrong("sops cannot read a byte order mark; remove it"));
        }
        match self.peek() {
            Some(b'{') => {}
            Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                return Err(self.refused(PathId::ROOT, Refusal::NotAMapping));
            }
            Some(_) => return Err(self.wrong("it does not begin with a brace")),
            None => return Err(self.wrong("there is nothing in it")),
        }
        self.open(PathId::ROOT, false)?;
        while let Some(frame) = self.open.last() {
            let (is_list, is_first) = (frame.is_list, frame.count == 0);
            match (self.peek(), is_list) {
                (Some(b'}'), false) | (Some(b']'), true) => {
                    self.at += 1;
                    self.close();
                    continue;
                }
                (Some(b','), _) if !is_first => {
                    self.at += 1;
                    self.peek();
                }
                (Some(_), _) if is_first => {}
                (Some(_), true) => return Err(self.wrong("a comma or ] is missing")),
                (Some(_), false) => return Err(self.wrong("a comma or } is missing")),
                (None, _) => return Err(self.cut_off()),
            }
            let path = if is_list { self.item() } else { self.key()? };
            self.value(path)?;
        }
        match self.peek() {
            None => Ok(()),
            // sops reads this far and drops the rest.
            Some(_) => Err(self.wrong("there is something behind the closing brace")),
        }
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += blanks.count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn open(&mut self, path: PathId, is_list: bool) -> Result<(), Error> {
        if self.open.len() >= NESTING_LIMIT {
            return Err(self.wrong("it is nested more than 1,000 levels deep"));
        }
        self.open.push(Frame { path, start: self.at, count: 0, is_list });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let is_root = self.open.is_empty();
        if frame.count == 0 && !is_root {
            self.leaf(frame.path, frame.start, Value::Empty, None);
        } else if self.hidden.is_none() {
            self.leaves.spans[frame.path.index()] = span(frame.start, self.at);
        }
        if !is_root {
            self.end_of_value();
        }
    }

    /// The path of the next item of a list.
    fn item(&mut self) -> PathId {
        let Some(frame) = self.open.last_mut() else { return PathId::ROOT };
        frame.count += 1;
        let (list, index) = (frame.path, frame.count - 1);
        self.path(list, Step::Index(index))
    }

    /// The path of the next entry of an object; what follows is its value.
    fn key(&mut self) -> Result<PathId, Error> {
        let start = self.at as u32;
        if self.peek() != Some(b'"') {
            return Err(self.wrong("a key in quotes is missing"));
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.wrong("a colon is missing"));
        }
        self.at += 1;
        let is_top = self.open.len() == 1;
        let Some(frame) = self.open.last_mut() else { return Ok(PathId::ROOT) };
        frame.count += 1;
        let object = frame.path;
        if is_top {
            self.entry = Some((start, self.at as u32));
            if let Some(Block { after: after @ None, .. }) = &mut self.leaves.top.block {
                *after = Some(start);
            }
            if key == metadata::KEY {
                if self.leaves.top.block.is_some() {
                    let place = Place {
                        line: line_of(self.text, start),
                        path: format!("[\"{}\"]", metadata::KEY),
                    };
                    return Err(Error::Refused { place, refusal: Refusal::DuplicateKey });
                }
                self.hidden = Some(self.nodes);
                return Ok(PathId::ROOT);
            }
        }
        Ok(self.path(object, Step::Key(key)))
    }

    fn path(&mut self, above: PathId, step: Step<'s>) -> PathId {
        if self.hidden.is_some() {
            return PathId::ROOT;
        }
        self.leaves.spans.push(Span::at(self.at as u32));
        self.leaves.paths.push(above, step)
    }

    fn value(&mut self, path: PathId) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes > self.limit {
            return Err(self.wrong(TOO_MANY));
        }
        let first = self.peek();
        let start = self.at;
        let (value, hazard) = match first {
            Some(b'{') => return self.open(path, false),
            Some(b'[') => return self.open(path, true),
            Some(b'"') => (Value::Str(self.string()?), None),
            Some(b'-' | b'0'..=b'9') => self.number(path)?,
            Some(b't') => (self.word("true", Value::Bool(true))?, None),
            Some(b'f') => (self.word("false", Value::Bool(false))?, None),
            Some(b'n') => (self.word("null", Value::Null)?, None),
            Some(_) => return Err(self.wrong("a value is missing")),
            None => return Err(self.cut_off()),
        };
        self.leaf(path, start, value, hazard);
        self.end_of_value();
        Ok(())
    }

    fn leaf(&mut self, path: PathId, start: usize, value: Value<'s>, hazard: Option<Refusal>) {
        if self.hidden.is_some() {
            return;
        }
        let node = path.index();
        self.leaves.spans[node] = span(start, self.at);
        self.leaves.parts.push(Part::Leaf(Leaf {
            section: 0,
            path,
            value,
            at: start as u32,
            hazard,
            site: Site::node(node),
            shown: node as u32,
        }));
    }

    /// Notes where an entry of the top level ends.
    fn end_of_value(&mut self) {
        if self.open.len() > 1 {
            return;
        }
        let Some((start, colon)) = self.entry.take() else { return };
        let entry = Entry { start, colon, end: self.at as u32 };
        let top = &mut self.leaves.top;
        let Some(before) = self.hidden.take() else {
            top.last = Some(entry);
            return;
        };
        let value = self.text[colon as usize..self.at].trim_ascii_start();
        top.block = Some(Block {
            entry,
            value: span(self.at - value.len(), self.at),
            before: top.last.map(|last| last.end),
            after: None,
            nodes: self.nodes - before,
        });
    }

    /// A string, decoded; from its opening quote to behind the closing one.
    fn string(&mut self) -> Result<Cow<'s, str>, Error> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        let mut is_escaped = false;
        loop {
            let rest = bytes.get(end..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                None => return Err(self.cut_off()),
                Some(found) if rest[found] == b'"' => {
                    end += found;
                    break;
                }
                Some(found) => {
                    end += found + 2;
                    is_escaped = true;
                }
            }
        }
        // Not `any`: looking at every byte is done many bytes at a time.
        let controls = bytes[start..end].iter().fold(false, |found, byte| found | (*byte < b' '));
        if controls {
            return Err(self.wrong("a string has a line break or another control character in it"));
        }
        self.at = end + 1;
        if !is_escaped {
            return Ok(Cow::Borrowed(&self.text[start + 1..end]));
        }
        serde_json::from_str::<String>(&self.text[start..=end]).map(Cow::Owned).map_err(|_| {
            self.at = start;
            self.wrong("a string has an escape that stands for no character")
        })
    }

    fn number(&mut self, path: PathId) -> Result<(Value<'s>, Option<Refusal>), Error> {
        let start = self.at;
        let rest = &self.text[start..];
        let is_part = |char: char| matches!(char, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let length = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let text = &rest[..length];
        if !is_number(text) {
            return Err(self.wrong("a number is not written as JSON has it"));
        }
        let value = if let Ok(int) = text.parse() {
            (Value::Int(int), None)
        } else {
            let float: f64 = text.parse().unwrap_or(f64::INFINITY);
            if !float.is_finite() {
                return Err(self.refused(path, Refusal::FloatLosesDigits));
            }
            (Value::Float(float), hazard::of(text, float))
        };
        self.at += length;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value<'s>) -> Result<Value<'s>, Error> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.wrong("a value is missing"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn cut_off(&mut self) -> Error {
        self.at = self.text.len();
        self.wrong("it ends too early")
    }

    fn wrong(&self, reason: &'static str) -> Error {
        let line = line_of(self.text, self.at as u32);
        Error::Syntax { format: Format::Json, line, reason }
    }

    fn refused(&self, path: PathId, refusal: Refusal) -> Error {
        let line = line_of(self.text, self.at as u32);
        let place = Place { line, path: self.leaves.paths.display(path) };
        Error::Refused { place, refusal }
    }
}

/// Offsets fit: [`read`] refuses longer texts.
fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// Whether a text is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
