//! What files are sent with.

// Without any of the services there is nothing.
#![cfg_attr(not(any(feature = "aws", feature = "gcp", feature = "vault")), allow(dead_code))]

#[cfg(any(feature = "aws", feature = "gcp"))]
use std::cell::OnceCell;
use std::time::Duration;
#[cfg(feature = "vault")]
use std::{cell::RefCell, collections::HashMap, rc::Rc};

#[cfg(feature = "vault")]
use bulla_core::KeyError;
use bulla_keys::Environment;
#[cfg(feature = "aws")]
use bulla_keys::requests::AwsRequests;
#[cfg(feature = "gcp")]
use bulla_keys::requests::GoogleRequests;
#[cfg(feature = "vault")]
use bulla_keys::requests::VaultRequests;

/// How long one request may take when nothing is typed.
const LIMIT: Duration = Duration::from_secs(60);

/// One for all files; nothing is connected before the first that needs it.
pub(super) struct Senders {
    environment: Environment,
    #[cfg(feature = "aws")]
    aws: OnceCell<AwsRequests>,
    #[cfg(feature = "gcp")]
    google: OnceCell<GoogleRequests>,
    #[cfg(feature = "vault")]
    vault: RefCell<HashMap<Option<String>, Rc<VaultRequests>>>,
}

impl Senders {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            environment,
            #[cfg(feature = "aws")]
            aws: OnceCell::new(),
            #[cfg(feature = "gcp")]
            google: OnceCell::new(),
            #[cfg(feature = "vault")]
            vault: RefCell::default(),
        }
    }

    #[cfg(feature = "aws")]
    pub(super) fn aws(&self) -> &AwsRequests {
        self.aws.get_or_init(|| AwsRequests::new(&self.environment, self.limit()))
    }

    #[cfg(feature = "gcp")]
    pub(super) fn google(&self) -> &GoogleRequests {
        self.google.get_or_init(|| GoogleRequests::new(&self.environment, self.limit()))
    }

    /// For the server that a rule names, or that of the environment.
    #[cfg(feature = "vault")]
    pub(super) fn vault(&self, address: Option<&str>) -> Result<Rc<VaultRequests>, KeyError> {
        let mut known = self.vault.borrow_mut();
        let whose = address.map(str::to_owned);
        if let Some(requests) = known.get(&whose) {
            return Ok(requests.clone());
        }
        let requests = VaultRequests::new(&self.environment, self.limit(), address)?;
        Ok(known.entry(whose).or_insert(Rc::new(requests)).clone())
    }

    /// How long one request may take.
    fn limit(&self) -> Duration {
        self.environment.timeout.unwrap_or(LIMIT)
    }
}
