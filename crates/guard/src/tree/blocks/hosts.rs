//! Blocks of hosts that are neither shells nor Markdown: PowerShell, Nix, AsciiDoc,
//! reStructuredText, XML.

/// A block that begins on a line.
pub(super) struct Host<'t> {
    /// Where in the line it begins; behind the line when it does not.
    pub(super) inside: Option<usize>,
    /// Where it ends, from the end of the line.
    pub(super) length: usize,
    pub(super) name: Option<&'t str>,
}

/// Whether a line may be a delimiter or a directive: the blocks that [`begins`] knows
/// without quotes.
pub(super) fn may_delimit(line: &str) -> bool {
    let first = line.bytes().find(|byte| !byte.is_ascii_whitespace());
    // There are other blanks than those of ASCII.
    first.is_some_and(|first| matches!(first, b'-' | b'.') || !first.is_ascii())
}

/// The block that begins on `line`, above which stands `last_line` and below which
/// stands `rest`. `steps` is how many bytes may still be looked at for ends.
pub(super) fn begins<'t>(
    line: &'t str,
    last_line: &'t str,
    rest: &'t str,
    steps: &mut usize,
) -> Option<Host<'t>> {
    let trimmed = line.trim();
    let mut end = |is_end: &dyn Fn(&str) -> bool| end_of(rest, is_end, steps);
    let below = |length: Option<(usize, &'t str)>, name: Option<&'t str>| {
        length.map(|(length, _)| Host { inside: None, length, name })
    };
    // `@'` … `'@ | Set-Content -Path 'C:\data\jwt.hex'`
    for (open, close) in [("@'", "'@"), ("@\"", "\"@")] {
        if trimmed.ends_with(open) {
            let found = end(&|line| line.starts_with(close));
            let name =
                found.and_then(|(_, last)| quoted_file(last)).or_else(|| super::name_in(line));
            return below(found, name);
        }
    }
    // `environment.etc."jwt.hex".text = ''` … `'';`
    if trimmed.ends_with("= ''") {
        let name = quoted(line).next().or_else(|| line.split('=').next().map(str::trim));
        return below(end(&|line| line.starts_with("''")), name);
    }
    // `[source,json]`, `----`, …, `----`
    let is_delimiter = trimmed.len() >= 4 && trimmed.bytes().all(|byte| byte == b'-');
    if is_delimiter || trimmed == "...." {
        return below(end(&|line| line == trimmed), super::name_in(last_line))
            .filter(|host| is_listing(&rest[..host.length]));
    }
    // `.. code-block:: json`, and what is indented below.
    if trimmed.starts_with(".. code") || trimmed.starts_with(".. sourcecode") {
        let indentation = line.len() - line.trim_start().len();
        let mut length = 0;
        for inner in rest.split_inclusive('\n') {
            let is_inside = inner.len() - inner.trim_start().len() > indentation;
            if !inner.trim().is_empty() && !is_inside {
                break;
            }
            length += inner.len();
        }
        return Some(Host { inside: None, length, name: super::name_in(last_line) });
    }
    // `<file name="jwt.hex"><![CDATA[` … `]]>`
    let at = line.find("<![CDATA[").map(|at| at + "<![CDATA[".len())?;
    let length = match line[at..].contains("]]>") {
        true => return None,
        false => {
            let (start, last) = end(&|line| line.contains("]]>"))?;
            start + last.find("]]>")?
        }
    };
    Some(Host { inside: Some(at), length, name: quoted(line).next() })
}

/// A line of AsciiDoc that says something about the block below.
pub(super) fn is_attribute(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("[source") || line.starts_with("[listing") || line.starts_with("[,")
}

/// The name of a file in quotes, as calls have it: `File.write("/data/jwt.hex", `,
/// `writeFile file: 'nodekey', text: `.
pub(super) fn quoted_file(line: &str) -> Option<&str> {
    let is_path = |text: &&str| {
        let is_plain = !text.contains(['$', '{', '<', ':']) || text.get(1..3) == Some(":\\");
        text.contains(['.', '/', '\\']) && is_plain && !text.contains(char::is_whitespace)
    };
    let named = line.find("file: ").and_then(|at| quoted(&line[at..]).next());
    let path = named.or_else(|| quoted(line).find(is_path))?;
    Some(path.rsplit('\\').next().unwrap_or(path))
}

/// The texts in quotes of a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let open = rest.find(['"', '\''])?;
        let mark = rest[open..].chars().next()?;
        let inner = &rest[open + 1..];
        let length = inner.find(mark)?;
        rest = &inner[length + 1..];
        Some(&inner[..length])
    })
    .filter(|text| !text.is_empty())
}

/// A page has rules of dashes too, and lines below its headings: a listing has no
/// fence in it, and ends.
fn is_listing(inner: &str) -> bool {
    !inner.contains("```") && !inner.trim().is_empty()
}

/// Where a line begins that ends a block, and that line.
fn end_of<'t>(
    rest: &'t str,
    is_end: &dyn Fn(&str) -> bool,
    steps: &mut usize,
) -> Option<(usize, &'t str)> {
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        *steps = steps.checked_sub(line.len())?;
        if is_end(line.trim()) {
            return Some((at, line));
        }
        at += line.len();
    }
    None
}
