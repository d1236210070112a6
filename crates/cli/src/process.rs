//! What the process does not give away when it dies.

use std::panic;

use crate::failure::say;

/// No core dump, and no text of a file in the message of a defect.
pub(crate) fn harden() {
    no_core_dump();
    // The usual message may quote the string that was cut in the wrong place.
    panic::set_hook(Box::new(|defect| {
        let place = defect.location().map(ToString::to_string).unwrap_or_default();
        say(&format!(
            "bulla: this is a defect of bulla, at {place}; nothing was written; please report it"
        ));
    }));
}

/// Plaintext and keys are in memory, and a core dump would put them on the disk.
/// Where the system does not let us, there is nothing to be done.
fn no_core_dump() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A dump that is piped into a program knows no limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
