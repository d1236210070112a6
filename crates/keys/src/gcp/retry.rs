//! When Cloud KMS is asked again.

use std::time::Duration;

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::exponential_backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use google_cloud_gax::retry_policy::RetryPolicy;
use google_cloud_gax::retry_result::RetryResult;
use google_cloud_gax::retry_state::RetryState;

/// How often one request is sent.
const ATTEMPTS: u32 = 4;

/// Asks again when there is too much to do, and never else: the policy of Google's
/// library leaves throttling out, and takes broken connections in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Busy;

impl RetryPolicy for Busy {
    fn on_error(&self, state: &RetryState, error: Error) -> RetryResult {
        let code = error.status().map(|status| status.code);
        let busy =
            matches!(code, Some(Code::ResourceExhausted | Code::Unavailable | Code::Internal))
                || error.http_status_code().is_some_and(|status| status == 429 || status >= 500);
        if !busy {
            return RetryResult::Permanent(error);
        }
        match state.attempt_count < ATTEMPTS {
            true => RetryResult::Continue(error),
            false => RetryResult::Exhausted(error),
        }
    }
}

/// Growing pauses of random length.
pub(super) fn pauses() -> ExponentialBackoff {
    ExponentialBackoffBuilder::new()
        .with_initial_delay(Duration::from_millis(200))
        .with_maximum_delay(Duration::from_secs(2))
        .clamp()
}
