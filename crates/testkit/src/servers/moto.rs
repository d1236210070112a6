//! KMS, STS, IAM and S3 of AWS.

use super::http::{Answer, request};
use super::process::{Process, free_ports};
use crate::{Sandbox, peers};

/// The account that moto has everything in.
const ACCOUNT: &str = "123456789012";

/// A moto server: AWS on a port of this machine.
#[derive(Debug)]
pub struct Moto {
    _process: Process,
    port: u16,
}

impl Moto {
    /// A server that believes everybody.
    #[track_caller]
    pub fn start() -> Self {
        Self::with(None)
    }

    /// A server that checks signatures and policies after this many calls.
    #[track_caller]
    pub fn strict_after(calls: u32) -> Self {
        Self::with(Some(calls))
    }

    fn with(calls: Option<u32>) -> Self {
        let sandbox = Sandbox::new();
        let [port] = free_ports();
        let mut command = sandbox.command("python3");
        command.args(["-m", "moto.server", "--port", &port.to_string()]);
        command.env("PYTHONPATH", peers::moto());
        if let Some(calls) = calls {
            command.env("INITIAL_NO_AUTH_ACTION_COUNT", calls.to_string());
        }
        Self { _process: Process::start(sandbox, &mut command, &[port]), port }
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes a key in a region and gives its ARN.
    #[track_caller]
    pub fn key(&self, region: &str) -> String {
        let answer = self.kms(region, "CreateKey", "{}");
        let arn = answer.split('"').find(|text| text.starts_with("arn:aws:kms:"));
        arn.unwrap_or_else(|| panic!("there is no ARN in {answer}")).to_owned()
    }

    /// Calls KMS, which must succeed.
    #[track_caller]
    pub fn kms(&self, region: &str, action: &str, json: &str) -> String {
        let target = format!("X-Amz-Target: TrentService.{action}");
        self.call(region, "kms", &[&target, "Content-Type: application/x-amz-json-1.1"], json)
    }

    /// Calls IAM, which must succeed: `Action=CreateUser&UserName=u`.
    #[track_caller]
    pub fn iam(&self, form: &str) -> String {
        self.form("iam", &format!("Version=2010-05-08&{form}"))
    }

    /// Calls STS, which must succeed: `Action=AssumeRole&RoleArn=…&RoleSessionName=s`.
    #[track_caller]
    pub fn sts(&self, form: &str) -> String {
        self.form("sts", &format!("Version=2011-06-15&{form}"))
    }

    /// Makes a bucket of S3.
    #[track_caller]
    pub fn bucket(&self, name: &str) {
        let Answer { status, body } = self.s3("PUT", name);
        assert!(status == 200, "s3: {status} {body}");
    }

    /// What an object of S3 holds; a status of 404 when it is not there. The key is spelled as in
    /// an address.
    #[track_caller]
    pub fn object(&self, bucket: &str, key: &str) -> Answer {
        self.s3("GET", &format!("{bucket}/{key}"))
    }

    fn s3(&self, method: &str, path: &str) -> Answer {
        request(self.port, &format!("{method} /{path}"), &[&signed("us-east-1", "s3")], "")
    }

    /// The account's number.
    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    fn form(&self, service: &str, body: &str) -> String {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        self.call("us-east-1", service, &[kind], body)
    }

    fn call(&self, region: &str, service: &str, headers: &[&str], body: &str) -> String {
        let signed = signed(region, service);
        let headers = [&[signed.as_str()], headers].concat();
        let Answer { status, body } = request(self.port, "POST /", &headers, body);
        assert!(status == 200, "{service}: {status} {body}");
        body
    }
}

/// Not a good signature: setting up happens while nobody looks at it.
fn signed(region: &str, service: &str) -> String {
    let credential = format!("Credential=AKIATEST/20260101/{region}/{service}/aws4_request");
    format!("Authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0")
}
