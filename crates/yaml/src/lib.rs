//! YAML that can be changed without being rewritten.
//!
//! [`Stream::parse`] turns a text into nodes that know the exact bytes they were
//! written with; [`splice`] puts new bytes in their place and leaves every other
//! byte alone. There is no emitter: what is not edited is not touched.
//!
//! ```
//! use bulla_yaml::{Edit, Stream, splice};
//!
//! let text = "user: admin   # the first one\npassword: 'hunter2'\n";
//! let stream = Stream::parse(text)?;
//! let root = stream.documents()[0].root.expect("the document is not empty");
//! let (_, password) = stream.entries(root).nth(1).expect("two entries");
//!
//! let edit = Edit::replace(stream.node(password).span, "\"s3cret\"");
//! assert_eq!(
//!     splice(text, &[edit]),
//!     "user: admin   # the first one\npassword: \"s3cret\"\n",
//! );
//! # Ok::<(), bulla_yaml::Error>(())
//! ```
//!
//! Scalars get their types from [`resolve`], which decides as go-yaml v3 does:
//! that is the library inside sops, and a sealed file's MAC depends on it.
//! [`second_opinion`] asks a port of libyaml, go-yaml's own ancestor, whether it
//! reads the same tree.
//!
//! The crate does no input or output, knows no cryptography and no Kubernetes.

#![forbid(unsafe_code)]

mod block;
mod comment;
mod error;
mod opinion;
mod read;
mod record;
mod resolve;
mod span;
mod stream;
mod timestamp;
mod write;

pub use error::{Error, ErrorKind};
pub use opinion::{Changes, second_opinion, second_opinion_on};
pub use read::node_limit;
pub use resolve::{ResolveError, Resolved, resolve};
pub use span::{Edit, Span, line_of, splice, splices_to};
pub use stream::{Comment, Document, Node, NodeId, NodeKind, Properties, Scalar, Stream, Style};
pub use write::{Layout, double_quoted, literal, literal_body, plain, single_quoted};
