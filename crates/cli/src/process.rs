//! What the process does not give away when it dies.

use std::panic;

use crate::failure::say;

/// No core dump, and no text of a file in the message of a defect.
pub(crate) fn harden() {
    bulla_krm::no_core_dump();
    // The usual message may quote the string that was cut in the wrong place.
    panic::set_hook(Box::new(|defect| {
        let place = defect.location().map(ToString::to_string).unwrap_or_default();
        say(&format!(
            "bulla: this is a defect of bulla, at {place}; nothing was written; please report it"
        ));
    }));
}
