//! Every file that is made or written on the way, as the system reports it.

use std::collections::BTreeSet;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use bulla_testkit::{Sandbox, keys};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use crate::common::sealed;

/// Folders whose changes are written down.
struct Watch {
    queue: rustix::fd::OwnedFd,
    folders: Vec<(i32, PathBuf)>,
}

impl Watch {
    fn new(folders: &[&Path]) -> Self {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        let queue = queue.expect("changes of files can be watched");
        let flags = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO;
        let watch = |folder: &&Path| {
            let watched = inotify::add_watch(&queue, *folder, flags).expect("a folder");
            (watched, folder.to_path_buf())
        };
        let folders = folders.iter().map(watch).collect();
        Self { queue, folders }
    }

    /// What was made or written since.
    fn files(&self) -> BTreeSet<PathBuf> {
        let mut buffer = [MaybeUninit::uninit(); 16 << 10];
        let mut reader = inotify::Reader::new(&self.queue, &mut buffer);
        let mut files = BTreeSet::new();
        loop {
            match reader.next() {
                Ok(event) => {
                    assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
                    let folder = self.folders.iter().find(|(watched, _)| *watched == event.wd());
                    let name = event.file_name().map(|name| name.to_string_lossy().into_owned());
                    let folder = folder.map(|(_, folder)| folder.clone()).unwrap_or_default();
                    files.insert(folder.join(name.unwrap_or_default()));
                }
                Err(Errno::AGAIN) => return files,
                Err(error) => panic!("changes cannot be read: {error}"),
            }
        }
    }
}

/// Where a program might put something: its working directory, the home, and the folders
/// for temporary files. Those of the machine are everybody's, so only our names count.
fn written_by(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let (work, home, config, tmp) =
        (sandbox.work(), sandbox.home(), sandbox.config(), sandbox.tmp());
    let mut folders = vec![work.as_path(), &home, &config, &tmp];
    let of_all = ["/tmp", "/var/tmp", "/dev/shm"].map(Path::new);
    folders.extend(of_all.into_iter().filter(|folder| folder.is_dir()));
    let watch = Watch::new(&folders);
    let mut command = sandbox.bulla();
    sandbox.run(command.args(args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file())).ok();
    let mut files = watch.files();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.starts_with(sandbox.root()) || name.contains("db.enc") || name.starts_with(".bulla-")
    });
    let names = files.iter().filter_map(|file| file.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

#[test]
fn opening_writes_no_file_at_all() {
    let sandbox = sealed();
    let lines: [&[&str]; 6] = [
        &["decrypt", "db.enc.yaml"],
        &["decrypt", "--extract", r#"["stringData"]["plain"]"#, "db.enc.yaml"],
        &["decrypt", "--output-type", "json", "db.enc.yaml"],
        &["exec-env", "env.enc.yaml", "true"],
        &["filestatus", "db.enc.yaml"],
        &["encrypt", "--filename-override", "x.enc.yaml", "plain.yaml"],
    ];
    sandbox.write("plain.yaml", "a: b\n");
    let seal = ["encrypt", "--filename-override", "env.enc.yaml", "plain.yaml"];
    let sealed = sandbox.run(sandbox.bulla().args(seal)).ok();
    sandbox.write("env.enc.yaml", &sealed.stdout);
    for args in lines {
        assert_eq!(written_by(&sandbox, args), Vec::<String>::new(), "{args:?}");
    }
}

#[test]
fn changing_a_file_writes_that_file_and_its_sealed_successor() {
    let sandbox = sealed();
    let lines: [&[&str]; 3] = [
        &["rotate", "--in-place", "db.enc.yaml"],
        &["set", "db.enc.yaml", r#"["stringData"]["plain"]"#, r#""new""#],
        &["unset", "db.enc.yaml", r#"["stringData"]["single"]"#],
    ];
    for args in lines {
        let mut written = written_by(&sandbox, args);
        // What has no name yet goes by its number.
        written.retain(|name| !name.starts_with(".bulla-") && !name.starts_with('#'));
        assert_eq!(written, ["db.enc.yaml"], "{args:?}");
    }
}
