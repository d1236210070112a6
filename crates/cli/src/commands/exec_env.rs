//! `bulla exec-env`

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use bulla_core::{Document, Format, PathId, Value};
use zeroize::Zeroizing;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, reason, say};
use crate::formats::FormatFlags;
use crate::input::{Input, into_text};
use crate::keyring::environment;
use crate::opening::Opening;
use crate::signals::{Watch, Worker, exit_code};
use crate::user::Target;

/// Run a command with the values of a sealed file as variables
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to open
    file: PathBuf,
    /// What /bin/sh is to run
    command: OsString,
    /// Give the command these variables and no others
    #[arg(long)]
    pristine: bool,
    /// Become the command, instead of waiting for it
    #[arg(long, conflicts_with = "background")]
    same_process: bool,
    #[command(flatten)]
    exec: ExecFlags,
}

/// What was typed about a command that gets a file's plaintext.
#[derive(clap::Args, Debug)]
pub(super) struct ExecFlags {
    /// Run the command as this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Do not wait for the command (deprecated)
    #[arg(long)]
    pub(super) background: bool,
    #[command(flatten)]
    formats: FormatFlags,
    /// Open a file whose values were added, removed or reordered
    #[arg(long)]
    ignore_mac: bool,
}

impl ExecFlags {
    /// The user that the command is to run as.
    pub(super) fn target(&self) -> Result<Option<Target>> {
        self.user.as_deref().map(Target::find).transpose()
    }

    /// What is in a sealed file, and its format.
    pub(super) fn plaintext(
        &self,
        file: &Path,
        global: &Global,
    ) -> Result<(Zeroizing<Vec<u8>>, Format)> {
        let input = Input::File(file.to_owned());
        let read = self.formats.read_sealed(&input, Some(file));
        let (text, format) = read.map_err(|failure| match failure.code {
            // 100 is about what was typed, and here sops means the file.
            Code::NoFile => failure.with_code(Code::Unreadable),
            _ => failure,
        })?;
        let ignore_mac = self.ignore_mac;
        let opening = Opening { input: &input, name: Some(file), format, ignore_mac, global };
        let environment = environment(global);
        let plain = opening.open(&text, &environment)?.bytes;
        let config = global.config.as_deref().or(environment.config.as_deref());
        self.formats.convert(plain, format, &input, Some(file), config)
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if args.exec.background {
        warn_of_background("exec-env");
    }
    let (plain, format) = args.exec.plaintext(&args.file, global)?;
    let target = args.exec.target()?;

    let mut command = shell(&args.command);
    if args.pristine {
        command.env_clear();
    }
    if let Some(target) = &target {
        target.tell(&mut command);
    }
    set_variables(&mut command, plain, format, &args.file)?;
    if let Some(target) = &target {
        target.switch()?;
    }
    if args.same_process {
        return Err(not_started(&command.exec()));
    }
    if args.exec.background {
        return start(&mut command);
    }
    let watch = Watch::new(Worker::Command, None)?;
    let status = watch.run(&mut command).map_err(|error| not_started(&error))?;
    Ok(ExitCode::from(exit_code(status)))
}

/// Deprecated in sops too: a shell does it better.
pub(super) fn warn_of_background(command: &str) {
    say(&format!(
        "bulla: warning: {command} --background is deprecated; let the shell do it with &"
    ));
}

/// `/bin/sh -c`, as in sops.
pub(super) fn shell(line: &OsStr) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

/// Starts a command, and leaves it alone.
pub(super) fn start(command: &mut Command) -> Result<ExitCode> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| not_started(&error))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn not_started(error: &std::io::Error) -> Failure {
    let reason = reason(error);
    Failure::other(format!("the command cannot be started with /bin/sh: {reason}"))
}

/// Sets a variable for each entry of the first document.
fn set_variables(
    command: &mut Command,
    plain: Zeroizing<Vec<u8>>,
    format: Format,
    file: &Path,
) -> Result {
    let name = file.display();
    if format == Format::Binary {
        // The one entry that such a file has for sops.
        if plain.contains(&0) {
            let message =
                format!("{name}: there is a NUL byte in this file, which no variable can hold");
            return Err(Failure::other(message));
        }
        command.env("data", OsStr::from_bytes(&plain));
        return Ok(());
    }
    let text = into_text(plain, &name)?;
    let document = Document::parse(&text, format).map_err(|error| Failure::of(&name, &error))?;
    let paths = document.paths();
    for leaf in document.leaves().filter(|leaf| leaf.section == 0) {
        let refused = |why: &str| {
            let message = format!("{name}: {} {why}", paths.display(leaf.path));
            Failure::new(Code::Failure, message)
        };
        let is_below = paths.parent(leaf.path) != Some(PathId::ROOT);
        let Some(key) = paths.last_key(leaf.path).filter(|_| !is_below) else {
            return Err(refused("is inside of a collection, which no variable can hold"));
        };
        if key.contains(['=', '\0']) {
            return Err(refused("cannot be the name of a variable; rename the key"));
        }
        if leaf.value == Value::Empty {
            return Err(refused("is a collection, which no variable can hold"));
        }
        let Some(value) = leaf.value.flat() else { continue };
        if value.contains(&0) {
            return Err(refused("has a NUL byte in its value, which no variable can hold"));
        }
        command.env(key, OsStr::from_bytes(&value));
    }
    Ok(())
}
