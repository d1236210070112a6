//! `bulla keygen`

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use bulla_keys::age::{AgeKey, generate, generate_hybrid, recipient_of};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::failure::{Failure, Result, say};
use crate::input::Input;
use crate::sealing::now;
use crate::write::{self, Content};

/// Make an age key
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write to FILE, which must not be there yet
    #[arg(short, long, value_name = "FILE", conflicts_with = "recipients")]
    output: Option<PathBuf>,
    /// Make a hybrid key, which quantum computers do not break; sops reads such keys
    /// since 3.12
    #[arg(long, conflicts_with = "recipients")]
    pq: bool,
    /// Print the recipients of a file of identities instead; - is stdin
    #[arg(short = 'y', value_name = "FILE")]
    recipients: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result {
    if let Some(file) = &args.recipients {
        return print_recipients(&Input::new(Some(file))?);
    }
    let key = if args.pq { generate_hybrid() } else { generate() };
    let text = key_file(&key)?;
    match &args.output {
        Some(file) => write::create(file, text.as_bytes(), Content::Plaintext)?,
        None => write::stdout(text.as_bytes())?,
    }
    // On a terminal it is in front of the reader already.
    if args.output.is_some() || !io::stdout().is_terminal() {
        say(&format!("Public key: {}", key.recipient));
    }
    Ok(())
}

/// A key as `age-keygen` writes it.
pub(crate) fn key_file(key: &AgeKey) -> Result<Zeroizing<String>> {
    let identity = key.identity.expose_secret();
    let head = format!("# created: {}\n# public key: {}\n", now()?, key.recipient);
    let mut text = Zeroizing::new(String::with_capacity(head.len() + identity.len() + 1));
    text.push_str(&head);
    text.push_str(identity);
    text.push('\n');
    Ok(text)
}

/// The recipients of the identities in a key file, in its order.
pub(crate) fn recipients(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| recipient_of(line.trim()))
}

fn print_recipients(input: &Input) -> Result {
    let text = input.read_text()?;
    let lines: String = recipients(&text).map(|recipient| recipient + "\n").collect();
    if lines.is_empty() {
        return Err(Failure::other(format!("{input}: there is no age identity in this file")));
    }
    write::stdout(lines.as_bytes())
}
