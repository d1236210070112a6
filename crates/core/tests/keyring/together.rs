//! Files that are opened at the same time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bulla_core::{
    DataKey, Error, KeyError, KeyErrorKind, KeyService, Keyring, MasterKey, Metadata, WrappedKey,
};
use secrecy::SecretSlice;

use crate::service::{gcp, metadata};

/// How many want a key at the same time.
const FILES: usize = 8;

/// Long enough for the others to come to the same point. If they are late, nothing fails.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers as it is told, by how often it was asked before.
struct Slow<F> {
    asked: AtomicUsize,
    answer: F,
}

impl<F: Fn(usize) -> Result<(), KeyErrorKind> + Send + Sync> Slow<F> {
    fn new(answer: F) -> Self {
        Self { asked: AtomicUsize::new(0), answer }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl<F: Fn(usize) -> Result<(), KeyErrorKind> + Send + Sync> KeyService for &Slow<F> {
    fn unwrap(&self, _: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        let failed = |kind| KeyError { kind, ..KeyError::new("this fails") };
        (self.answer)(before).map(|()| Some(vec![7; 32].into())).map_err(failed)
    }

    fn wrap(&self, _: &MasterKey, _: &SecretSlice<u8>) -> Result<Option<WrappedKey>, KeyError> {
        Ok(None)
    }

    fn tried(&self, _: &MasterKey) -> Vec<String> {
        Vec::new()
    }
}

/// Files of one master key, each with a wrapped key of its own or all with the same.
fn files(differ: bool) -> Vec<Metadata> {
    let file = |number: usize| {
        let mut file = metadata(&[vec![gcp("cloud")]], None);
        file.groups[0][0].enc = if differ { number.to_string() } else { "same".to_owned() };
        file
    };
    (0..FILES).map(file).collect()
}

/// Opens all of them, a thread each, that are let go when all are there.
fn open_together(
    keyring: &Keyring<'_>,
    files: &[Metadata],
    all_here: &Barrier,
) -> Vec<Result<DataKey, Error>> {
    let open = |file| {
        all_here.wait();
        keyring.unwrap(file)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = files.iter().map(|file| scope.spawn(move || open(file))).collect();
        threads.into_iter().map(|thread| thread.join().expect("nothing panics")).collect()
    })
}

#[test]
fn a_wrapped_key_that_many_want_at_once_is_asked_for_once() {
    let all_here = Barrier::new(FILES);
    let service = Slow::new(|_| {
        thread::sleep(PAUSE);
        Ok(())
    });
    let opened = open_together(&Keyring::new().with(&service), &files(false), &all_here);
    assert!(opened.iter().all(|key| key.as_ref().is_ok_and(|key| key.expose() == &[7; 32])));
    assert_eq!(service.asked(), 1);

    // Which is what a key service may not do.
    let (service, all_here) = (Slow::new(|_| Ok(())), Barrier::new(FILES));
    open_together(&Keyring::new().with(&service).forgetful(), &files(false), &all_here);
    assert_eq!(service.asked(), FILES);
}

#[test]
fn a_denial_is_met_by_one_of_many_files() {
    let all_here = Barrier::new(FILES);
    let service = Slow::new(|_| {
        thread::sleep(PAUSE);
        Err(KeyErrorKind::Denied)
    });
    let opened = open_together(&Keyring::new().with(&service), &files(true), &all_here);
    for error in opened.into_iter().map(|key| key.err().expect("nobody may")) {
        let Error::NoKey { attempts, .. } = error else { panic!("{error}") };
        assert_eq!(attempts[0].errors[0].reason, "this fails");
    }
    assert_eq!(service.asked(), 1);
}

#[test]
fn once_a_key_is_known_not_to_be_denied_all_ask_at_the_same_time() {
    for first in [Ok(()), Err(KeyErrorKind::Retryable), Err(KeyErrorKind::Failed)] {
        // Nobody passes before the others have come.
        let rest = Barrier::new(FILES - 1);
        let service = Slow::new(|before| {
            if before == 0 {
                return first;
            }
            rest.wait();
            Ok(())
        });
        let all_here = Barrier::new(FILES);
        let opened = open_together(&Keyring::new().with(&service), &files(true), &all_here);
        let failed = opened.iter().filter(|key| key.is_err()).count();
        assert_eq!(failed, usize::from(first.is_err()));
        assert_eq!(service.asked(), FILES);
    }
}

#[test]
fn a_thread_that_panics_leaves_nobody_waiting() {
    let service = Slow::new(|before| {
        assert!(before > 0, "the first one panics");
        Ok(())
    });
    let keyring = Keyring::new().with(&service);
    let file = &files(false)[0];
    let panicked = thread::scope(|scope| scope.spawn(|| keyring.unwrap(file)).join().is_err());
    assert!(panicked);
    assert_eq!(keyring.unwrap(file).unwrap().expose(), &[7; 32]);
}
