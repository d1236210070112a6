//! Documents of every shape that YAML has for a Secret, from a seed.
//!
//! Everything that is generated is something that sops can read: what it cannot is
//! tested where it is refused.

use fastrand::Rng;

pub mod dotenv;
pub mod ini;
pub mod json;
pub mod tree;

/// A stream of Kubernetes Secrets, written in as many ways as there are.
pub fn secrets(seed: u64) -> String {
    let mut writer =
        Writer { rng: Rng::with_seed(seed), out: String::new(), anchors: 0, in_list: false };
    writer.stream();
    let mut text = writer.out;
    let mut rng = writer.rng;
    if rng.u8(..) < 40 {
        text = text.replace('\n', "\r\n");
    }
    if rng.u8(..) < 25 {
        text.insert(0, '\u{feff}');
    }
    if rng.u8(..) < 40 {
        while text.ends_with(['\n', '\r']) {
            text.pop();
        }
    }
    text
}

struct Writer {
    rng: Rng,
    out: String,
    anchors: usize,
    /// Inside a list, where go-yaml refuses a tab behind the dash, and sops writes
    /// block scalars with leading blanks that it cannot read itself.
    in_list: bool,
}

const WORDS: [&str; 16] = [
    "a",
    "token",
    "node_key.json",
    "priv-val",
    "x y",
    "true-ish",
    "é",
    "日本",
    "😀",
    "it's",
    "a:b",
    "0x",
    "no",
    "~tilde",
    "null-ish",
    "v1.2.3",
];

/// Scalars that mean something else than text.
const TYPED: [&str; 22] = [
    "1",
    "-7",
    "0x1F",
    "0o17",
    "0777",
    "1_000",
    "0b11",
    "+5",
    "1.5",
    "-0.25",
    ".5",
    "1e3",
    "true",
    "False",
    "null",
    "~",
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    ".inf",
    "-.Inf",
    "yes",
    "on",
];

impl Writer {
    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[self.rng.usize(..list.len())]
    }

    fn stream(&mut self) {
        if self.chance(10) {
            self.out.push_str("# a head comment\n");
        }
        let documents = self.rng.usize(1..4);
        for document in 0..documents {
            if document > 0 || self.chance(30) {
                let marker = self.pick(&["---\n", "--- # marker\n", "---\n\n"]);
                self.out.push_str(marker);
            }
            if self.chance(15) {
                self.flow_document();
            } else {
                self.document();
            }
            if self.chance(8) && document + 1 < documents {
                self.out.push_str("...\n");
            }
        }
    }

    fn document(&mut self) {
        self.anchors = 0;
        self.out.push_str("apiVersion: v1\n");
        self.comment(0);
        self.out.push_str("kind: Secret");
        self.line_end();
        self.out.push_str("metadata:\n  name: s\n");
        if self.chance(30) {
            self.out.push_str("  labels: &l {app: pocket, n: 12, \"q\": 'x'}\n");
            if self.chance(50) {
                self.out.push_str("  annotations:\n    <<: *l\n    more: *l\n");
            }
        }
        if self.chance(30) {
            self.out.push_str("immutable: false\nclear: [1.0, 0x10, 2001-01-01, ~, \"\", a]\n");
        }
        if self.chance(20) {
            self.out.push_str("plain-block: |\n  clear\n    text\n");
        }
        for section in ["data", "stringData"] {
            if section == "stringData" || self.chance(40) {
                self.out.push_str(section);
                self.out.push(':');
                self.line_end();
                let indent = self.rng.usize(1..5);
                self.mapping(indent, 2);
            }
        }
        if self.chance(15) {
            self.last_list();
        }
        if self.chance(15) {
            self.comment(0);
        }
    }

    /// A list with its dashes in the first column: go-yaml gives a comment behind it to
    /// the list, and to the top level when the `sops` block follows.
    fn last_list(&mut self) {
        let key = self.pick(&["hosts", "finalizers"]);
        self.out.push_str(&format!("{key}:\n"));
        for _ in 0..self.rng.usize(1..3) {
            let item = self.pick(&["- same", "- other", "- 7"]);
            self.out.push_str(item);
            self.line_end();
        }
        if self.chance(60) {
            self.out.push_str("# behind the list\n");
        }
    }

    fn flow_document(&mut self) {
        let value = self.quoted();
        let number = self.pick(&["12", "x y", "'z'", "\"a,b\""]);
        let comma = self.pick(&["", ",", " , "]);
        self.out.push_str(&format!(
            "{{\"apiVersion\": v1, kind: Secret, stringData: {{a: {value}, b: [{number}, c{comma}]}}{comma}}}\n"
        ));
    }

    /// Entries at `indent`; at least one is sealed.
    fn mapping(&mut self, indent: usize, depth: usize) {
        let entries = self.rng.usize(1..6);
        self.pad(indent);
        self.out.push_str("always: sealed\n");
        for entry in 0..entries {
            self.comment(indent);
            if self.chance(8) {
                self.out.push('\n');
            }
            self.pad(indent);
            let key = self.key(entry);
            if self.chance(5) {
                self.out.push_str(&format!("? {key}\n"));
                self.pad(indent);
                self.out.push_str(": explicit\n");
                continue;
            } else {
                self.out.push_str(&key);
                self.out.push(':');
            }
            if entry > 0 && depth > 0 && self.chance(12) {
                self.line_end();
                let deeper = indent + self.rng.usize(1..4);
                self.mapping(deeper, depth - 1);
            } else if entry > 0 && depth > 0 && self.chance(12) {
                self.line_end();
                let deeper = indent + self.rng.usize(..3);
                self.sequence(deeper, depth - 1);
            } else {
                self.value(indent);
            }
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize) {
        let outer = std::mem::replace(&mut self.in_list, true);
        self.items(indent, depth);
        self.in_list = outer;
    }

    fn items(&mut self, indent: usize, depth: usize) {
        for item in 0..self.rng.usize(1..4) {
            if item > 0 {
                self.comment(indent);
            }
            self.pad(indent);
            self.out.push('-');
            if depth > 0 && self.chance(20) {
                self.out.push(' ');
                let key = self.key(0);
                self.out.push_str(&key);
                self.out.push(':');
                self.value(indent + 2);
                self.pad(indent + 2);
                self.out.push_str("z: 1\n");
            } else {
                self.value(indent);
            }
        }
    }

    fn key(&mut self, entry: usize) -> String {
        let word = self.pick(&WORDS[..4]);
        match self.rng.u8(..5) {
            0 => format!("\"{word}{entry}\""),
            1 => format!("'{word}{entry}'"),
            _ => format!("{word}{entry}"),
        }
    }

    /// What follows a `:` or `-`, up to and with the line break.
    fn value(&mut self, indent: usize) {
        let blank =
            if !self.in_list && self.chance(6) { "\t" } else { self.pick(&[" ", " ", " ", "  "]) };
        match self.rng.u8(..20) {
            0..=2 => {
                let value = self.quoted();
                self.out.push_str(&format!("{blank}{value}"));
                self.line_end();
            }
            3..=6 => self.block(indent),
            7..=8 => {
                let typed = self.pick(&TYPED);
                self.out.push_str(&format!("{blank}{typed}"));
                self.line_end();
            }
            9 => {
                let empty = self.pick(&["", " \"\"", " ''", " {}", " []", " ~"]);
                self.out.push_str(empty);
                self.line_end();
            }
            10 => {
                let value = self.quoted();
                let flow = match self.rng.u8(..3) {
                    0 => format!("[a, {value}, 'c', 12]"),
                    1 => format!("{{k: {value}, l: [x, y]}}"),
                    _ => "[ ]".into(),
                };
                self.out.push_str(&format!(" {flow}"));
                self.line_end();
            }
            11 => {
                let tagged = self.pick(&[
                    "!!str 12",
                    "!!binary aGVsbG8=",
                    "!!int \"3\"",
                    "!local x",
                    "!!float 3",
                    "! y",
                ]);
                self.out.push_str(&format!("{blank}{tagged}"));
                self.line_end();
            }
            12 => {
                self.anchors += 1;
                let anchor = self.anchors;
                self.out.push_str(&format!("{blank}&n{anchor} anchored"));
                self.line_end();
            }
            13 if self.anchors > 0 => {
                let anchor = self.anchors;
                self.out.push_str(&format!("{blank}*n{anchor}"));
                self.line_end();
            }
            14 => {
                let pad = " ".repeat(indent + 2);
                let value = match self.rng.u8(..3) {
                    0 => format!("plain over\n{pad}two lines"),
                    1 => format!("\"double \\\n{pad}over\n\n{pad}lines\""),
                    _ => format!("'single\n{pad}over ''two'' lines'"),
                };
                self.out.push_str(&format!("{blank}{value}\n"));
            }
            _ => {
                let word = self.pick(&WORDS);
                let plain = if word.starts_with(['~', '\'']) { "t" } else { word };
                let more = self.pick(&["", "", " and more", "/path?x=1", "#notacomment"]);
                self.out.push_str(&format!("{blank}{plain}{more}"));
                self.line_end();
            }
        }
    }

    fn quoted(&mut self) -> String {
        let word = self.pick(&WORDS);
        match self.rng.u8(..6) {
            0 => format!("'{}'", word.replace('\'', "''")),
            1 => format!("\"{word}\""),
            2 => "\"tab\\there \\\"q\\\" \\x41\\u00e9\\U0001F600 back\\\\\"".into(),
            3 => "'{\"json\": [1, \"x\"]}'".into(),
            4 => "\"line\\nbreaks\\n\"".into(),
            _ => "\"trailing \"".into(),
        }
    }

    fn block(&mut self, indent: usize) {
        let style = self.pick(&["|", ">"]);
        let chomping = self.pick(&["", "-", "+"]);
        let by = self.rng.usize(1..5);
        let column = indent + by;
        let leading = !self.in_list && self.chance(20);
        let indicator = if leading || self.chance(20) { by.to_string() } else { String::new() };
        self.out.push_str(&format!(" {style}{indicator}{chomping}"));
        self.line_end();
        for line in 0..self.rng.usize(1..5) {
            if line > 0 && self.chance(20) {
                self.out.push('\n');
                continue;
            }
            self.pad(column);
            if line == 0 && leading {
                self.out.push_str("  ");
            }
            let text =
                self.pick(&["text", "{\"a\": 1}", "# not a comment", "a: b", "- x", "trailing "]);
            self.out.push_str(text);
            self.out.push('\n');
        }
        if self.chance(20) {
            self.out.push_str("\n\n");
        }
    }

    /// Sometimes a comment on a line of its own.
    fn comment(&mut self, indent: usize) {
        if self.chance(15) {
            self.pad(indent);
            let text = self.pick(&["# note", "#tight", "# ENC[not really]", "# é: b"]);
            self.out.push_str(text);
            self.out.push('\n');
        }
    }

    /// The end of a line, sometimes with blanks or a comment before it.
    fn line_end(&mut self) {
        let end = match self.rng.u8(..12) {
            0 => " # trailing\n",
            1 => "  \n",
            _ => "\n",
        };
        self.out.push_str(end);
    }

    fn pad(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}
