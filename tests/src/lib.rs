//! What the tests that cross crates share.

#![forbid(unsafe_code)]

pub mod agreement;
pub mod corpus;
pub mod generate;
pub mod mutate;
pub mod sealing;
pub mod seeds;
pub mod yaml_suite;
