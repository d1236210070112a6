//! `publish`, by bulla and by sops to the same real servers.

#![forbid(unsafe_code)]

#[path = "publish/common.rs"]
mod common;

#[path = "publish/folders.rs"]
mod folders;
#[path = "publish/gcs.rs"]
mod gcs;
#[path = "publish/s3.rs"]
mod s3;
#[path = "publish/vault.rs"]
mod vault;
#[path = "publish/vault_refusals.rs"]
mod vault_refusals;
