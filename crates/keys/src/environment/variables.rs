//! Variables that are read when somebody looks at them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// What the environment says about one kind of key. Clones share what was read.
///
/// A file that another kind opens leaves these variables alone: of those of a service
/// that is not asked, nothing is copied, and nothing in them can be wrong.
pub struct Variables<T> {
    value: Arc<OnceLock<T>>,
    read: fn() -> T,
}

impl<T> Variables<T> {
    /// Variables that `read` reads, once, when they are looked at.
    pub(super) fn later(read: fn() -> T) -> Self {
        Self { value: Arc::default(), read }
    }
}

impl<T> Deref for Variables<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(self.read)
    }
}

impl<T: Default> From<T> for Variables<T> {
    /// Variables that were made by hand.
    fn from(value: T) -> Self {
        Self { value: Arc::new(OnceLock::from(value)), read: T::default }
    }
}

impl<T: Default> Default for Variables<T> {
    /// None of them is set.
    fn default() -> Self {
        Self::later(T::default)
    }
}

impl<T> Clone for Variables<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), read: self.read }
    }
}

impl<T> fmt::Debug for Variables<T> {
    /// Without what they say, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let was_read = self.value.get().is_some();
        f.debug_struct("Variables").field("was_read", &was_read).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn variables_are_read_once_and_when_somebody_looks() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let variables = Variables::later(|| READ.fetch_add(1, Ordering::Relaxed));
        let clone = variables.clone();
        assert_eq!(format!("{clone:?}"), "Variables { was_read: false, .. }");
        assert_eq!(READ.load(Ordering::Relaxed), 0);
        assert_eq!((*variables, *clone), (0, 0));
        assert_eq!(READ.load(Ordering::Relaxed), 1);
        assert_eq!(*Variables::from(7), 7);
    }
}
