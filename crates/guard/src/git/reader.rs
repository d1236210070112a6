//! Reading objects and judging them, one thread's worth.

use std::cell::{OnceCell, RefCell};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::lfs::{self, Pointer};
use super::objects::{Header, Kind, Objects};
use super::oid::Oid;
use super::trees::{Trees, entries};
use crate::around::{AROUND_LIMIT, Around};
use crate::budget::Budget;
use crate::error::GuardError;
use crate::judge::{Judgement, WHOLE_LIMIT, judge_as, judge_stream};

/// git's objects, for one thread.
pub(super) struct Reader<'r> {
    repo: &'r Path,
    budget: &'r Budget,
    /// Started with the first question; gone when it did not do its part.
    objects: RefCell<Option<Objects>>,
    trees: RefCell<Trees>,
    /// Where Git LFS keeps contents, when somebody asked.
    contents: OnceCell<Option<PathBuf>>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(repo: &'r Path, budget: &'r Budget) -> Self {
        Self {
            repo,
            budget,
            objects: RefCell::default(),
            trees: RefCell::default(),
            contents: OnceCell::new(),
        }
    }

    /// Starts git now, so that it is ready when it is asked.
    pub(super) fn start(&self) -> Result<(), GuardError> {
        self.objects.replace(Some(Objects::start(self.repo)?));
        Ok(())
    }

    /// What is in a blob that goes by this path; else why nobody knows.
    pub(super) fn judge(
        &self,
        blob: Oid,
        path: &str,
        around: &dyn Around,
    ) -> Result<Judgement, String> {
        let failed = |_| "git cannot read this blob; git fsck says more".to_owned();
        let (header, share, content) = self
            .asking(|objects| {
                let Some(header) = objects.ask(&blob.to_string())? else { return Ok(None) };
                let share = self.budget.take(header.size);
                let is_held = header.kind == Kind::Blob && header.size <= WHOLE_LIMIT;
                let content = is_held.then(|| objects.bytes(header)).transpose()?;
                Ok(Some((header, share, content)))
            })
            .map_err(failed)?
            .ok_or("git does not have this blob; fetch it, or clone without a filter")?;
        let Some(bytes) = content else {
            return self.judge_large(header, path, around).map_err(failed);
        };
        match Pointer::parse(&bytes).and_then(|pointer| pointer.open(self.contents()?)) {
            Some(content) => {
                // Whoever waits for a share must not hold one.
                drop(share);
                self.judge_content(content, path, around)
            }
            None => Ok(judge_as(path, path, &bytes, around)),
        }
    }

    /// Judges what a pointer leads to.
    fn judge_content(
        &self,
        mut content: File,
        path: &str,
        around: &dyn Around,
    ) -> Result<Judgement, String> {
        let size = content.metadata().map(|metadata| metadata.len());
        let judged = size.and_then(|size| {
            let _share = self.budget.take(size);
            judge_stream(path, path, &mut content, around)
        });
        judged.map_err(|_| "Git LFS has its content, which cannot be read".to_owned())
    }

    fn contents(&self) -> Option<&Path> {
        self.contents.get_or_init(|| lfs::storage(self.repo)).as_deref()
    }

    /// Judges a blob that was asked for and is too large to be held, while `around` may
    /// ask for others.
    fn judge_large(
        &self,
        header: Header,
        path: &str,
        around: &dyn Around,
    ) -> io::Result<Judgement> {
        let mut objects = self.objects.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let judgement =
            objects.content(header, |content| judge_stream(path, path, content, around))?;
        self.objects.replace(Some(objects));
        Ok(judgement)
    }

    /// The message of a commit or a tag.
    pub(super) fn message(&self, id: Oid) -> Option<Vec<u8>> {
        let object = self.asking(|objects| match objects.ask(&id.to_string())? {
            Some(header @ Header { kind: Kind::Commit | Kind::Tag, .. }) => {
                let read = |content: &mut dyn Read| {
                    let mut bytes = Vec::new();
                    content.take(WHOLE_LIMIT).read_to_end(&mut bytes).map(|_| bytes)
                };
                objects.content(header, |content| read(content)).map(Some)
            }
            Some(header) => objects.skip(header).map(|()| None),
            None => Ok(None),
        });
        let object = object.ok().flatten()?;
        let behind = memchr::memmem::find(&object, b"\n\n")? + 2;
        Some(object[behind..].to_vec())
    }

    /// The name and the kind of what a word stands for, which is the name of an object or
    /// one that was made here.
    pub(super) fn header(&self, word: &str) -> Option<Header> {
        let header = self.asking(|objects| {
            let header = objects.ask(word)?;
            header.map(|header| objects.skip(header).map(|()| header)).transpose()
        });
        header.ok().flatten()
    }

    /// The content of a blob of no great size.
    pub(super) fn small(&self, blob: Oid) -> Option<Vec<u8>> {
        let content = self.asking(|objects| match objects.ask(&blob.to_string())? {
            Some(header @ Header { kind: Kind::Blob, size: 0..=AROUND_LIMIT, .. }) => {
                objects.bytes(header).map(Some)
            }
            Some(header) => objects.skip(header).map(|()| None),
            None => Ok(None),
        });
        content.ok().flatten()
    }

    /// The content of a file below a tree, if it is of no great size.
    pub(super) fn in_tree(&self, tree: Oid, path: &str) -> Option<Vec<u8>> {
        let blob = self.asking(|objects| self.trees.borrow_mut().find(objects, tree, path));
        blob.ok().flatten().and_then(|blob| self.small(blob))
    }

    /// The files and folders of a tree, which is called `folder`, with a slash: path, name
    /// of the object, whether it is a tree itself.
    pub(super) fn list(&self, tree: Oid, folder: &str) -> Vec<(String, Oid, bool)> {
        let tree_bytes = self.asking(|objects| self.trees.borrow_mut().tree(objects, tree));
        let tree_bytes = tree_bytes.unwrap_or_default();
        let entries = entries(&tree_bytes, tree.size());
        let wanted = entries.filter(|entry| entry.is_tree() || entry.is_blob());
        let path = |name: &[u8]| format!("{folder}{}", String::from_utf8_lossy(name));
        wanted.map(|entry| (path(entry.name), entry.id, entry.is_tree())).collect()
    }

    /// Asks git, starting it when it is not there. What failed once is not asked again.
    pub(super) fn asking<T>(
        &self,
        ask: impl FnOnce(&mut Objects) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => Objects::start(self.repo).map_err(io::Error::other)?,
        };
        let result = ask(&mut objects)?;
        self.objects.replace(Some(objects));
        Ok(result)
    }
}
