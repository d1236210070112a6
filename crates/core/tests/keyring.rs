//! Groups, orders, and how often services are asked.

#[path = "keyring/calls.rs"]
mod calls;
#[path = "keyring/groups.rs"]
mod groups;
#[path = "keyring/service.rs"]
mod service;
#[path = "keyring/together.rs"]
mod together;
