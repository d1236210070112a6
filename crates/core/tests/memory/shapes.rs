//! Texts of every kind that takes more memory than others, each about as long as asked.

use std::fmt::Write;

use bulla_core::Format;

/// What is taken for each value, collection, comment and document besides the six times, in
/// bytes: what is shorter than that by far weighs more than its text.
const OF_A_PART: usize = 350;

/// INI keeps more of each entry.
const OF_A_PART_OF_INI: usize = 900;

/// A kind of text.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) format: Format,
    /// What each of its parts may take besides, in bytes.
    pub(crate) of_a_part: usize,
    /// Writes one of about so many bytes.
    pub(crate) write: fn(usize) -> String,
}

impl Shape {
    /// Whether it has parts: a binary file has none before it is sealed.
    pub(crate) fn is_text(&self) -> bool {
        self.format != Format::Binary
    }
}

const fn of(format: Format, name: &'static str, write: fn(usize) -> String) -> Shape {
    Shape { name, format, of_a_part: OF_A_PART, write }
}

const fn yaml(name: &'static str, write: fn(usize) -> String) -> Shape {
    of(Format::Yaml, name, write)
}

const fn json(name: &'static str, write: fn(usize) -> String) -> Shape {
    of(Format::Json, name, write)
}

const fn ini(name: &'static str, write: fn(usize) -> String) -> Shape {
    Shape { of_a_part: OF_A_PART_OF_INI, ..of(Format::Ini, name, write) }
}

/// All of them. The entry `zz_sealed` is there for selectors that leave the rest alone.
pub(crate) const SHAPES: &[Shape] = &[
    yaml("secrets", secrets),
    yaml("values of 200 bytes", |size| {
        numbered(size, "", |n| format!("k{n}: value-{n:0200}\n"), "zz_sealed: x\n")
    }),
    yaml("small values", |size| numbered(size, "", |n| format!("k{n}: v{n}\n"), "zz_sealed: x\n")),
    yaml("a plain scalar", |size| format!("zz_sealed: {}\n", "x".repeat(size))),
    yaml("a quoted scalar", |size| format!("zz_sealed: '{}'\n", "x''".repeat(size / 3))),
    yaml("an escaped scalar", |size| format!("zz_sealed: \"{}\"\n", "\\t".repeat(size / 2))),
    yaml("a literal scalar", |size| {
        format!("zz_sealed: |\n{}", "  some line of text\n".repeat(size / 20))
    }),
    yaml("a folded scalar", |size| {
        format!("zz_sealed: >\n{}", "  some line of text\n".repeat(size / 20))
    }),
    yaml("small literals", |size| {
        numbered(size, "", |n| format!("k{n}: |\n  v\n"), "zz_sealed: x\n")
    }),
    yaml("small escapes", |size| {
        numbered(size, "", |n| format!("k{n}: \"\\t\"\n"), "zz_sealed: x\n")
    }),
    yaml("ones in brackets", |size| format!("a: [{}1]\nzz_sealed: x\n", "1,".repeat(size / 2))),
    yaml("ones in lines", |size| format!("a:\n{}zz_sealed: x\n", "- 1\n".repeat(size / 4))),
    yaml("nested lists", |size| format!("a:\n{}zz_sealed: x\n", "- [[1]]\n".repeat(size / 8))),
    yaml("tags", |size| format!("a: [{}1]\nzz_sealed: x\n", "!!str 1,".repeat(size / 8))),
    yaml("anchors", |size| format!("a: [{}1]\nzz_sealed: x\n", "&a 1,".repeat(size / 5))),
    yaml("aliases", |size| format!("b: &a x\na: [{}*a ]\nzz_sealed: x\n", "*a ,".repeat(size / 4))),
    yaml("documents", |size| {
        numbered(size, "---\nzz_sealed: x\n", |n| format!("---\nk: v{n}\nzz_sealed: x\n"), "")
    }),
    yaml("secrets, one by one", |size| {
        numbered(
            size,
            "",
            |n| {
                format!(
                    "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: secret-{n}\nstringData:\n  zz_sealed: value-{n}\n"
                )
            },
            "",
        )
    }),
    yaml("marks", |size| format!("zz_sealed: x\n{}", "---\n".repeat(size / 4))),
    yaml("hashes", |size| format!("zz_sealed: x\n{}", "#\n".repeat(size / 2))),
    yaml("comments", |size| format!("{}zz_sealed: x\n", "# some words\n".repeat(size / 13))),
    yaml("comments of entries", |size| {
        numbered(size, "", |n| format!("# some words\nk{n}: v\n"), "zz_sealed: x\n")
    }),
    yaml("blank lines", |size| format!("zz_sealed: x\n{}", "\n".repeat(size))),
    json("ones", |size| format!("{{\"a\": [{}1],\"zz_sealed\":\"x\"}}", "1,".repeat(size / 2))),
    json("texts", |size| {
        format!(
            "{{\"a\": [{}1],\"zz_sealed\":\"x\"}}",
            "\"some value of usual length\",".repeat(size / 29)
        )
    }),
    json("entries", |size| {
        numbered(size, "{", |n| format!("\"k{n}\":\"v\","), "\"zz_sealed\":\"x\"}")
    }),
    json("one text", |size| format!("{{\"zz_sealed\":\"{}\"}}", "x".repeat(size))),
    json("one text of escapes", |size| format!("{{\"zz_sealed\":\"{}\"}}", "\\t".repeat(size / 2))),
    json("empty lists", |size| {
        format!("{{\"a\": [{}1],\"zz_sealed\":\"x\"}}", "[],".repeat(size / 3))
    }),
    of(Format::Dotenv, "variables", |size| {
        numbered(size, "", |n| format!("K{n}=v\n"), "zz_sealed=x\n")
    }),
    of(Format::Dotenv, "comments", |size| format!("{}zz_sealed=x\n", "#a\n".repeat(size / 3))),
    of(Format::Dotenv, "one variable", |size| format!("zz_sealed={}\n", "x".repeat(size))),
    ini("keys", |size| numbered(size, "[a]\n", |n| format!("k{n}=v\n"), "zz_sealed=x\n")),
    ini("comments", |size| format!("[a]\n{}zz_sealed=x\n", ";a\n".repeat(size / 3))),
    ini("one key", |size| format!("[a]\nzz_sealed={}\n", "x".repeat(size))),
    ini("sections", |size| {
        numbered(size, "", |n| format!("[s{n}]\nk=v\n"), "[zz_sealed]\nzz_sealed=x\n")
    }),
    of(Format::Binary, "bytes", |size| "x".repeat(size)),
];

/// Lines with a number each between a head and a foot.
fn numbered(size: usize, head: &str, line: fn(usize) -> String, foot: &str) -> String {
    let mut text = String::from(head);
    let mut number = 0;
    while text.len() < size {
        text.push_str(&line(number));
        number += 1;
    }
    text.push_str(foot);
    text
}

/// A stream of objects with values in every style.
fn secrets(size: usize) -> String {
    let mut text = String::from("zz_sealed: x\n");
    let mut number = 0;
    while text.len() < size {
        write!(
            text,
            "---\n# validator {number}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: pocket-core-{number}\n  namespace: pocket\ntype: Opaque\nstringData:\n"
        )
        .unwrap();
        for key in 0..9 {
            let value = format!("{key:02}{number:014}").repeat(10);
            match key % 3 {
                0 => writeln!(text, "  node_key_{key}.json: '{{\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{value}\"}}}}'"),
                1 => writeln!(text, "  priv_val_key_{key}.json: |\n    {{\n      \"address\": \"{number:040}\",\n      \"priv_key\": \"{value}\"\n    }}"),
                _ => writeln!(text, "  token_{key}: \"{value}\"  # rotated with the node"),
            }
            .unwrap();
        }
        number += 1;
    }
    text
}
