//! What was typed about asking for keys, and the keyring that comes of it.

use std::num::NonZero;
use std::time::Duration;

use bulla_core::{Keyring, OrderError};
use bulla_keys::{Environment, SettingsError};

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};

/// What can be typed about asking for keys, with every command. They are shown once, by
/// `bulla --help`: nobody wants to read them with each command.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct AskingFlags {
    /// Kinds of keys in the order in which they are tried
    #[arg(long, value_name = "KIND,…", global = true, hide = true)]
    decryption_order: Option<String>,
    /// Key service to ask, can be repeated
    #[arg(long, value_name = "ADDRESS", global = true, hide = true)]
    keyservice: Vec<String>,
    /// Whether the keys of this machine count
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        global = true,
        hide = true
    )]
    enable_local_keyservice: Option<String>,
    /// How many keys are asked at a time
    #[arg(long, value_name = "N", global = true, hide = true)]
    jobs: Option<NonZero<usize>>,
    /// How long a key that is held elsewhere may take
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        global = true,
        hide = true
    )]
    timeout: Option<u64>,
}

/// What `bulla --help` says about them.
pub(crate) const ASKING_HELP: &str = "\
Asking for keys, with every command:
      --decryption-order <KIND,…>         Order in which keys are tried [env: SOPS_DECRYPTION_ORDER]
      --keyservice <ADDRESS>              Key service to ask, can be repeated [env: SOPS_KEYSERVICE]
      --enable-local-keyservice[=<BOOL>]  Whether the keys of this machine count
      --jobs <N>, --timeout <SECONDS>     Keys asked at a time [32]; how long each may take [10]";

/// The environment of the process, with what was typed in the place of its own.
pub(crate) fn environment(global: &Global) -> Environment {
    let mut environment = Environment::read();
    let AskingFlags { decryption_order, keyservice, enable_local_keyservice, jobs, timeout } =
        global.asking.clone();
    let asking = &mut environment.asking;
    asking.decryption_order = decryption_order.or(asking.decryption_order.take());
    if !keyservice.is_empty() {
        asking.keyservices = keyservice;
    }
    asking.enable_local = enable_local_keyservice.or(asking.enable_local.take());
    asking.jobs = jobs;
    environment.timeout = timeout.map(Duration::from_secs);
    environment
}

/// The keyring of an environment. Nothing is read or started before a key is asked
/// for.
pub(crate) fn keyring(environment: &Environment) -> Result<Keyring<'static>> {
    bulla_keys::keyring(environment).map_err(|error| {
        let code = match error {
            SettingsError::Order(OrderError::Repeated { .. }) => Code::RepeatedKind,
            _ => Code::Failure,
        };
        Failure::new(code, error.to_string())
    })
}
