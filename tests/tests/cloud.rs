//! Master keys that a service holds: bulla and sops against the same real servers.

#![forbid(unsafe_code)]

#[path = "cloud/common.rs"]
mod common;

#[path = "cloud/aws.rs"]
mod aws;
#[path = "cloud/aws_logins.rs"]
mod aws_logins;
#[path = "cloud/azure.rs"]
mod azure;
#[path = "cloud/gcp.rs"]
mod gcp;
#[path = "cloud/gcp_logins.rs"]
mod gcp_logins;
#[path = "cloud/hostile.rs"]
mod hostile;
#[path = "cloud/untouched.rs"]
mod untouched;
#[path = "cloud/vault.rs"]
mod vault;
#[path = "cloud/vault_logins.rs"]
mod vault_logins;
#[path = "cloud/vault_refusals.rs"]
mod vault_refusals;
