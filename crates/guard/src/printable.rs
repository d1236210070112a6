//! Names of files, and what they hold, as they may stand in a line of a report.

/// A text without line breaks and other characters that move a cursor or turn the
/// direction of writing. A name may have all of them.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => line.push(character),
            _ => line.extend(character.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_write_on_the_terminal() {
        assert_eq!(one_line("a\n\x1b[2J\u{202e}\"ä\""), "a\\n\\u{1b}[2J\\u{202e}\"ä\"");
    }
}
