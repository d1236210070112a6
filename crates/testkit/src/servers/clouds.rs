//! The clouds that no registry has a server of: Google's and Microsoft's.

use std::path::PathBuf;

use super::http::{Answer, request};
use super::process::{Process, free_ports};
use crate::{Sandbox, peers};

const SCRIPT: &str = include_str!("clouds.py");

/// Cloud KMS and Cloud Storage of Google, Key Vault of Azure, and faults of both and of KMS of AWS; `clouds.py`
/// says how it behaves.
#[derive(Debug)]
pub struct Clouds {
    process: Process,
    http: u16,
    proxy: u16,
}

impl Clouds {
    /// The token of Google that is good.
    pub const GOOGLE_TOKEN: &'static str = "ya29.test-token";
    /// What a user's login at Google is renewed with.
    pub const GOOGLE_REFRESH: &'static str = "test-google-refresh";
    /// The foreign token for which Google gives one of its own.
    pub const GOOGLE_SUBJECT: &'static str = "a.b.c";
    /// The secret with which Azure gives a token.
    pub const AZURE_SECRET: &'static str = "test-client-secret";

    /// Starts it.
    #[track_caller]
    pub fn start() -> Self {
        Self::redirecting_to("")
    }

    /// Starts it; keys with the name `redirect` lead to this address.
    #[track_caller]
    pub fn redirecting_to(address: &str) -> Self {
        let sandbox = Sandbox::new();
        let script = sandbox.write("clouds.py", SCRIPT);
        let ports @ [http, tls, proxy] = free_ports();
        let mut command = sandbox.command("python3");
        command.arg(script).arg(sandbox.work()).args(ports.map(|port| port.to_string()));
        command.env("PYTHONPATH", peers::moto()).env("REDIRECT_TO", address);
        let process = Process::start(sandbox, &mut command, &[http, tls, proxy]);
        Self { process, http, proxy }
    }

    /// `http://127.0.0.1:PORT`, where everything is without TLS.
    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// The proxy through which every host leads here, by TLS.
    pub fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.proxy)
    }

    /// The authority that the certificates of all these hosts are from.
    pub fn ca(&self) -> PathBuf {
        self.process.sandbox.path("ca.pem")
    }

    /// The key of a service account of Google, as it is downloaded.
    pub fn service_account(&self) -> PathBuf {
        self.process.sandbox.path("service-account.json")
    }

    /// What an object of Cloud Storage holds; a status of 404 when it is not there. The name is
    /// spelled as in an address.
    #[track_caller]
    pub fn object(&self, bucket: &str, name: &str) -> Answer {
        request(self.http, &format!("GET /storage/v1/b/{bucket}/o/{name}"), &[], "")
    }

    /// What was asked so far, a line each.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
