//! INI files of every shape that sops reads and that bulla does not refuse, from a
//! seed.

use fastrand::Rng;

const SECTIONS: [&str; 8] = ["a", "b", "a.b", "DEFAULT", " spaced ", "é", "x_clear", "a]"];
const KEYS: [&str; 10] = [
    "token",
    "db url",
    "\"a=b\"",
    "`c:d`",
    "\"\"\"e`f\"\"\"",
    "é",
    "Key",
    "x_clear",
    "\"quoted\"",
    "s\tt",
];
const VALUES: [&str; 26] = [
    "",
    "value",
    "two words",
    "\"quoted\"",
    "'single'",
    "it's",
    "'it''s'",
    "\"a\" b",
    "`back;tick#s`",
    "\"\"\"triple ; \"quoted\" \"\"\"",
    "`over\n  two\n\nlines`",
    "\"\"\"\nover # lines\n\"\"\"",
    "one \\\n   two",
    "one\\\ntwo \\\n\tthree",
    "ends \\\n",
    "http://u:p@host/?a=b",
    "é日😀",
    "\u{1}\u{7f}\u{feff}x",
    "ENC[not really]",
    "%(token)s ${X}",
    "=",
    ":x",
    "[x]",
    "C:\\temp\\x",
    "'",
    "true",
];
const COMMENTS: [&str; 8] = [
    "; note",
    "#tight",
    ";; two marks",
    "# ENC[not really]",
    ";",
    "  ; indented  ",
    "# é = b",
    ";\ttab",
];

/// A file of some sections.
pub fn ini(seed: u64) -> String {
    let mut rng = Rng::with_seed(seed);
    let mut out = String::new();
    if rng.bool() {
        comments(&mut rng, &mut out);
        entries(&mut rng, &mut out);
    }
    for _ in 0..rng.usize(1..4) {
        comments(&mut rng, &mut out);
        let name = rng.choice(SECTIONS).unwrap_or_default();
        out.push_str(&format!("{}[{name}]", rng.choice(["", "", " "]).unwrap_or_default()));
        line_end(&mut rng, &mut out);
        entries(&mut rng, &mut out);
    }
    out.push_str("[last]\nalways = sealed\n");
    comments(&mut rng, &mut out);
    if rng.u8(..) < 40 {
        out = out.replace('\n', "\r\n");
    }
    if rng.u8(..) < 25 {
        out.insert(0, '\u{feff}');
    }
    if rng.u8(..) < 60 {
        out.truncate(out.trim_end_matches(['\n', '\r']).len());
    }
    out
}

fn entries(rng: &mut Rng, out: &mut String) {
    let mut keys = KEYS;
    rng.shuffle(&mut keys);
    let count = rng.usize(0..5);
    for key in &keys[..count] {
        comments(rng, out);
        let value = rng.choice(VALUES).unwrap_or_default();
        let delimiter = rng.choice(["=", " = ", ":", "\t: ", " =  "]).unwrap_or_default();
        out.push_str(&format!("{key}{delimiter}{value}"));
        // What stands behind backticks is lost in sops, joined lines have no comments,
        // and a quote that is not closed may go on in them.
        if value.contains(['`', '\n', '\\', '\'']) || value.starts_with('"') {
            out.push('\n');
        } else {
            line_end(rng, out);
        }
    }
}

fn comments(rng: &mut Rng, out: &mut String) {
    for _ in 0..rng.usize(0..4).saturating_sub(1) {
        out.push_str(rng.choice(COMMENTS).unwrap_or_default());
        out.push_str(if rng.u8(..5) == 0 { "\n\n" } else { "\n" });
    }
}

fn line_end(rng: &mut Rng, out: &mut String) {
    let ends = ["\n", "\n", "\n", "\n", "  \n", " ; behind\n", "\t# tight\n", " ;; marks\n"];
    out.push_str(rng.choice(ends).unwrap_or_default());
}
