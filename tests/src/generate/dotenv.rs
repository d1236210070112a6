//! Dotenv files of every shape that sops reads, from a seed.

use fastrand::Rng;

const KEYS: [&str; 10] =
    ["TOKEN", "DB_URL", "export X", " padded ", "", "é", "a.b", "\u{feff}BOM", "Sops_", "x_clear"];
const VALUES: [&str; 16] = [
    "",
    "value",
    " padded ",
    "\"quoted\"",
    "a=b=c",
    "two\\nlines\\n",
    "\\\\n",
    "back\\slash\\",
    "{\"json\": [1, \"x\"]}",
    "# no comment",
    "postgres://u:p@host/db?x=1&y=2#z",
    "é日😀",
    "\u{1}\u{7f}\u{85}\u{2028}",
    "ENC[not really]",
    "$(id) `id` ${X}",
    "true",
];
const COMMENTS: [&str; 6] =
    ["#", "# note", "#tight", "# ENC[not really]", "# é: b=c", "## \tmore "];

/// A file of some lines.
pub fn dotenv(seed: u64) -> String {
    let mut rng = Rng::with_seed(seed);
    let mut lines = vec!["ALWAYS=sealed".to_owned()];
    for _ in 0..rng.usize(0..12) {
        let line = match rng.u8(..10) {
            0..=1 => rng.choice(COMMENTS).unwrap_or_default().to_owned(),
            2 => String::new(),
            _ => format!(
                "{}={}",
                rng.choice(KEYS).unwrap_or_default(),
                rng.choice(VALUES).unwrap_or_default()
            ),
        };
        let at = rng.usize(..=lines.len());
        lines.insert(at, line);
    }
    let line_break = if rng.u8(..) < 40 { "\r\n" } else { "\n" };
    let mut text = String::new();
    for line in lines {
        // An empty line that ends with CR LF is what sops cannot read.
        let line_break = if line.is_empty() { "\n" } else { line_break };
        text.extend([&line, line_break]);
    }
    if rng.u8(..) < 60 {
        text.truncate(text.trim_end_matches('\n').len());
    }
    text
}
