//! JSON of every shape that sops reads, from a seed.

use fastrand::Rng;

const KEYS: [&str; 10] = [
    "a",
    "token",
    "node_key.json",
    "x y",
    "é",
    "\\u00e9",
    "a:b",
    "q\\\"q",
    "back\\\\slash",
    "x_clear",
];
const TEXTS: [&str; 18] = [
    "",
    "value",
    " padded ",
    "\\n",
    "line\\nbreaks\\r\\n\\t",
    "\\\"quoted\\\"",
    "C:\\\\dir\\\\",
    "\\/slash/",
    "\\u0000\\u001f\\b\\f",
    "é日😀",
    "\\u00e9\\u65e5\\ud83d\\ude00",
    "<a href='x'>&amp;</a>",
    "\u{7f}\u{85}\u{2028}\u{2029}",
    "ENC[not really]",
    "{\\\"json\\\": [1]}",
    "true",
    "12",
    "sops",
];
const NUMBERS: [&str; 15] = [
    "0",
    "1",
    "-7",
    "1.5",
    "-0.25",
    "1.50",
    "10.0",
    "1e3",
    "1E+2",
    "1e21",
    "1e-7",
    "123456789012",
    "9007199254740992",
    "0.1",
    "1.7976931348623157e308",
];
/// Integers that are other floats: sops loses their last digits up to 3.13.1.
const EXACT: [&str; 4] = ["9007199254740993", "9223372036854775807", "-9223372036854775808", "-0"];

/// One object. `exact` lets numbers in that sops writes otherwise.
pub fn json(seed: u64, exact: bool) -> String {
    let mut rng = Rng::with_seed(seed);
    let line = if rng.u8(..10) == 0 { "\r\n" } else { "\n" };
    let mut writer = Writer {
        indent: ["  ", "\t", "    ", "", " "][rng.usize(..5)],
        line: if rng.u8(..4) == 0 { "" } else { line },
        colon: [": ", ":", " : "][rng.usize(..3)],
        rng,
        exact,
        out: String::new(),
    };
    writer.object(0, true);
    let end = ["", "\n", " \t\r\n\n"][writer.rng.usize(..3)];
    writer.out + end
}

struct Writer {
    rng: Rng,
    indent: &'static str,
    line: &'static str,
    colon: &'static str,
    exact: bool,
    out: String,
}

impl Writer {
    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[self.rng.usize(..list.len())]
    }

    /// What parts two entries, or an entry from a brace.
    fn part(&mut self, depth: usize) {
        self.out.push_str(self.line);
        if !self.line.is_empty() {
            self.out.extend(std::iter::repeat_n(self.indent, depth));
        } else if self.rng.u8(..4) == 0 {
            self.out.push(' ');
        }
    }

    fn object(&mut self, depth: usize, is_top: bool) {
        self.out.push('{');
        let count = self.rng.usize(..5);
        if is_top {
            self.part(depth + 1);
            self.out.push_str(&format!("\"always\"{}\"sealed\"", self.colon));
        }
        for index in 0..count {
            if index > 0 || is_top {
                self.out.push(',');
            }
            self.part(depth + 1);
            let key = self.pick(&KEYS);
            // The same key twice is refused, however it is spelled.
            self.out.push_str(&format!("\"{index}{key}\"{}", self.colon));
            self.value(depth + 1);
        }
        if count > 0 || is_top {
            self.part(depth);
        }
        self.out.push('}');
    }

    fn list(&mut self, depth: usize) {
        self.out.push('[');
        let count = self.rng.usize(..4);
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            self.part(depth + 1);
            self.value(depth + 1);
        }
        if count > 0 {
            self.part(depth);
        }
        self.out.push(']');
    }

    fn value(&mut self, depth: usize) {
        match self.rng.u8(..12) {
            0 | 1 if depth < 5 => self.object(depth, false),
            2 | 3 if depth < 5 => self.list(depth),
            4 | 5 => {
                let number = match self.exact && self.rng.u8(..4) == 0 {
                    true => self.pick(&EXACT),
                    false => self.pick(&NUMBERS),
                };
                self.out.push_str(number);
            }
            6 => {
                let word = self.pick(&["true", "false", "null"]);
                self.out.push_str(word);
            }
            _ => {
                let text = self.pick(&TEXTS);
                self.out.push_str(&format!("\"{text}\""));
            }
        }
    }
}
