//! Processes that change one file at the same time.

use std::thread;

use crate::common::{bulla, manifest, opened, repository};

const FILE: &str = "db.enc.yaml";

#[test]
fn what_many_set_at_once_is_all_there() {
    let sandbox = repository();
    sandbox.write(FILE, manifest());
    bulla(&sandbox, &["encrypt", "--in-place", FILE]).ok();
    thread::scope(|scope| {
        for number in 0..8 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let path = format!(r#"["stringData"]["added_{number}"]"#);
                bulla(sandbox, &["set", FILE, &path, &format!("\"value {number}\"")]).ok();
            });
        }
        scope.spawn(|| bulla(&sandbox, &["rotate", "--in-place", FILE]).ok());
    });
    let text = opened(&sandbox.read(FILE)).expect("it opens");
    for number in 0..8 {
        assert!(text.contains(&format!("added_{number}: value {number}\n")), "{number}");
    }
}

#[test]
fn a_change_between_reading_and_sealing_in_place_is_not_lost() {
    let sandbox = repository();
    sandbox.write(FILE, manifest());
    // All want to seal the same file: the first does, the others see that it is sealed.
    let codes: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| bulla(&sandbox, &["encrypt", "--in-place", FILE]).code))
            .collect();
        runs.into_iter().map(|run| run.join().expect("it runs")).collect()
    });
    assert_eq!(codes.iter().filter(|&&code| code == 0).count(), 1, "{codes:?}");
    assert_eq!(opened(&sandbox.read(FILE)), Ok(manifest()));
}
