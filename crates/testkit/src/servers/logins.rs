//! Where machines and people get credentials from.

use super::clouds::Clouds;
use super::process::{Process, free_ports};
use crate::Sandbox;

const SCRIPT: &str = include_str!("logins.py");

/// The metadata services of AWS and Google, what a container asks, and the portal behind `aws sso
/// login`; `logins.py` says how they behave.
#[derive(Debug)]
pub struct Logins {
    process: Process,
    port: u16,
}

impl Logins {
    /// What a container shows to get its credentials.
    pub const CONTAINER: &'static str = "test-container-authorization";
    /// The token that `aws sso login` gets.
    pub const SSO_TOKEN: &'static str = "test-sso-token";
    /// What it is renewed with.
    pub const SSO_REFRESH: &'static str = "test-sso-refresh";

    /// Starts it. AWS gives this out: the ID of an access key, its secret, and the token of its
    /// session; Google gives out [`Clouds::GOOGLE_TOKEN`].
    #[track_caller]
    pub fn handing_out(access_key: [&str; 3]) -> Self {
        let sandbox = Sandbox::new();
        let script = sandbox.write("logins.py", SCRIPT);
        let [port] = free_ports();
        let mut command = sandbox.command("python3");
        command.arg(script).arg(port.to_string()).args(access_key);
        command.arg(Clouds::GOOGLE_TOKEN);
        Self { process: Process::start(sandbox, &mut command, &[port]), port }
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was asked so far, a line each.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
