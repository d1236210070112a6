//! A development server of OpenBao, whose API is that of Vault.

use std::path::PathBuf;

use super::http::{Answer, request};
use super::process::{Process, free_ports};
use crate::{Sandbox, peers};

/// The token that may do everything.
const ROOT: &str = "root";

/// A real OpenBao, unsealed, with everything in memory.
#[derive(Debug)]
pub struct Bao {
    process: Process,
    port: u16,
    ca: Option<PathBuf>,
}

impl Bao {
    /// A server that speaks HTTP.
    #[track_caller]
    pub fn start() -> Self {
        Self::with(false)
    }

    /// A server that speaks HTTPS with a certificate of its own authority, [`ca`](Self::ca).
    /// [`post`](Self::post) does not reach it.
    #[track_caller]
    pub fn start_tls() -> Self {
        Self::with(true)
    }

    fn with(tls: bool) -> Self {
        let sandbox = Sandbox::new();
        let [port] = free_ports();
        let mut command = sandbox.command(peers::bao());
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.arg(format!("-dev-root-token-id={ROOT}"));
        command.arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        let ca = tls.then(|| sandbox.path("vault-ca.pem"));
        if tls {
            command.arg("-dev-tls").arg("-dev-tls-cert-dir").arg(sandbox.work());
        }
        Self { process: Process::start(sandbox, &mut command, &[port]), port, ca }
    }

    /// `http://127.0.0.1:PORT`, or the same with HTTPS.
    pub fn address(&self) -> String {
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The token that may do everything.
    pub fn root_token(&self) -> &'static str {
        ROOT
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file of the authority of its certificate.
    pub fn ca(&self) -> Option<&PathBuf> {
        self.ca.as_ref()
    }

    /// Writes to the API as root, which must succeed; gives the JSON of the answer.
    #[track_caller]
    pub fn post(&self, path: &str, json: &str) -> String {
        self.post_in("", path, json)
    }

    /// The same in a namespace.
    #[track_caller]
    pub fn post_in(&self, namespace: &str, path: &str, json: &str) -> String {
        let namespace = format!("X-Vault-Namespace: {namespace}");
        let token = format!("X-Vault-Token: {ROOT}");
        let headers = [token.as_str(), namespace.as_str(), "Content-Type: application/json"];
        let Answer { status, body } =
            request(self.port, &format!("POST /v1/{path}"), &headers, json);
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// Reads from the API as root: the JSON of the answer, or `None` when nothing is there.
    #[track_caller]
    pub fn read(&self, path: &str) -> Option<String> {
        let token = format!("X-Vault-Token: {ROOT}");
        let Answer { status, body } = request(self.port, &format!("GET /v1/{path}"), &[&token], "");
        assert!(status == 200 || status == 404, "{path}: {status} {body}");
        (status == 200).then_some(body)
    }

    /// Runs its command line as root, which must succeed. This way is for servers with TLS.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> String {
        let mut command = self.process.sandbox.command(peers::bao());
        command.args(args).env("BAO_ADDR", self.address()).env("BAO_TOKEN", ROOT);
        if let Some(ca) = &self.ca {
            command.env("BAO_CACERT", ca);
        }
        self.process.sandbox.run(&mut command).ok().out().to_owned()
    }

    /// What the server has written so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
