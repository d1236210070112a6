//! The waiting: many files whose keys somebody else holds, who takes his time.
//!
//! Opening them together is to take at most a fifteenth of one after the other.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use bulla_core::{
    Format, KeyError, KeyService, Keyring, MasterKey, Pool, Recipe, WrappedKey, open, seal,
};
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use secrecy::{ExposeSecret, SecretSlice};

/// How long a KMS takes for one key.
const ANSWER: Duration = Duration::from_millis(20);

const FILES: usize = 200;

/// Hides nothing, slowly.
struct Kms;

impl KeyService for Kms {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        thread::sleep(ANSWER);
        let bytes = wrapped.enc.split('.').map(|byte| byte.parse::<u8>().unwrap());
        Ok(Some(bytes.collect::<Vec<_>>().into()))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let bytes: Vec<_> = secret.expose_secret().iter().map(u8::to_string).collect();
        Ok(Some(WrappedKey { key: key.clone(), enc: bytes.join("."), created_at: None }))
    }

    fn tried(&self, _: &MasterKey) -> Vec<String> {
        Vec::new()
    }
}

fn files() -> Vec<String> {
    let key = MasterKey::GcpKms { resource_id: "projects/p".into() };
    let recipe = Recipe { groups: vec![vec![key]], ..Recipe::default() };
    let sealed = |number| {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: validator-{number}\nstringData:\n  token: {number}-token\n  user: {number}-user\n"
        );
        let keyring = Keyring::new().with(Kms);
        seal(&text, Format::Yaml, &recipe, &keyring, "2026-11-20T10:56:18Z").unwrap().text
    };
    (0..FILES).map(sealed).collect()
}

/// With a fresh keyring each time: one that was used before has nothing to wait for.
fn open_all(files: &[String], jobs: usize) -> usize {
    let keyring = Keyring::new().with(Kms).with_pool(Pool::new(NonZero::new(jobs).unwrap()));
    let opened =
        keyring.pool().map(files, |file| open(file, Format::Yaml, &keyring, false).unwrap());
    opened.len()
}

fn calls(criterion: &mut Criterion) {
    let files = files();
    let mut group = criterion.benchmark_group("calls");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(ANSWER);
    group.throughput(Throughput::Bytes(files.iter().map(|file| file.len() as u64).sum()));
    group.bench_function("200 files, 20 ms each, one after the other", |bencher| {
        bencher.iter(|| open_all(black_box(&files), 1));
    });
    group.bench_function("200 files, 20 ms each, 32 at a time", |bencher| {
        bencher.iter(|| open_all(black_box(&files), 32));
    });
}

criterion_group!(benches, calls);
criterion_main!(benches);
