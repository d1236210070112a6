//! Times, as Go's `time.Parse` reads the four layouts that go-yaml tries.

/// `None`: not a time. `Some(None)`: a time that RFC 3339 cannot express.
pub(crate) fn parse(text: &str) -> Option<Option<String>> {
    let bytes = text.as_bytes();
    let year_digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if year_digits != 4 || bytes.get(4) != Some(&b'-') {
        return None;
    }
    let mut rest = Rest { bytes, at: 0 };
    let year = rest.digits(4, 4)?;
    rest.eat(b'-')?;
    let month = rest.digits(1, 2).filter(|month| (1..=12).contains(month))?;
    rest.eat(b'-')?;
    let day = rest.digits(1, 2).filter(|&day| (1..=days_in(year, month)).contains(&day))?;
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.is_done() {
        return Some(Some(format!("{date}T00:00:00Z")));
    }
    let separator = rest.next()?;
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let hour = rest.digits(1, 2).filter(|&hour| hour < 24)?;
    rest.eat(b':')?;
    let minute = rest.digits(1, 2).filter(|&minute| minute < 60)?;
    rest.eat(b':')?;
    let second = rest.digits(1, 2).filter(|&second| second < 60)?;
    let fraction = rest.fraction();
    let zone = if separator == b' ' { Some("Z".into()) } else { rest.zone()? };
    if !rest.is_done() {
        return None;
    }
    Some(zone.map(|zone| format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

struct Rest<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Rest<'_> {
    fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let from = self.at;
        while self.at - from < most && self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        let digits = &self.bytes[from..self.at];
        if digits.len() < least {
            return None;
        }
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// A point or comma and digits; kept to nine, zeros at the end dropped.
    fn fraction(&mut self) -> String {
        let starts = matches!(self.bytes.get(self.at), Some(b'.' | b','))
            && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit);
        if !starts {
            return String::new();
        }
        self.at += 1;
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        let digits = &self.bytes[from..self.at.min(from + 9)];
        let kept = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
        if kept == 0 {
            return String::new();
        }
        let digits = digits[..kept].iter().map(|&digit| char::from(digit));
        std::iter::once('.').chain(digits).collect()
    }

    /// `Z` or `±hh:mm`. `Some(None)`: an offset of a day or more.
    fn zone(&mut self) -> Option<Option<String>> {
        let sign = match self.next()? {
            b'Z' => return Some(Some("Z".into())),
            b'+' => '+',
            b'-' => '-',
            _ => return None,
        };
        let hours = self.digits(2, 2).filter(|&hours| hours <= 24)?;
        self.eat(b':')?;
        let minutes = self.digits(2, 2).filter(|&minutes| minutes <= 60)?;
        let total = hours * 60 + minutes;
        if total == 0 {
            return Some(Some("Z".into()));
        }
        if total >= 24 * 60 {
            return Some(None);
        }
        Some(Some(format!("{sign}{:02}:{:02}", total / 60, total % 60)))
    }
}
