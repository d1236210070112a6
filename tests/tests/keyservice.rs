//! Key services, both ways with the real sops.

#![forbid(unsafe_code)]

#[path = "keyservice/service.rs"]
mod service;

#[path = "keyservice/asking.rs"]
mod asking;
#[path = "keyservice/serving.rs"]
mod serving;
#[path = "keyservice/tls.rs"]
mod tls;
