//! The property `rules` of bulla-properties.

#![no_main]

use bulla_properties::property;

libfuzzer_sys::fuzz_target!(init: bulla_fuzz::pass_over_caught_panics(), |bytes: &[u8]| {
    property("rules")(bytes);
});
