//! The form of a sealed file that the codes are made over: docs/integrity.md, step by
//! step.

use super::order::Order;
use super::sink::Sink;
use super::trail::{Trail, depths};
use super::{Keys, Record, Tag};
use crate::cipher::Cipher;
use crate::document::{Comment, Document, Leaf, Part, binary};
use crate::master_key::MasterKey;
use crate::metadata::Metadata;
use crate::open::OpenedPart;
use crate::path::{PathId, Paths, Step};
use crate::value::{Value, ValueType};

/// The codes of a sealed document, whose sealed parts are these.
pub(crate) fn of_document(
    document: &Document<'_>,
    metadata: &Metadata,
    selected: &[bool],
    opened: &[Option<OpenedPart<'_>>],
    cipher: &Cipher,
) -> Record {
    let depths = depths(document.paths());
    let keys = Keys::new(cipher.key());
    let mut file = Sink::new(keys.file);
    header(&mut file, metadata, document.sections());
    let mut form = Form {
        document,
        opened,
        selected,
        only_encrypted: metadata.mac_only_encrypted,
        file,
        object: Sink::new(keys.object),
        trail: Trail::new(document.paths(), &depths),
        sorted: Trail::new(document.paths(), &depths),
        order: Order::new(document.paths()),
        sealed: Vec::new(),
        names: [None; 4],
    };
    let mut objects = Vec::new();
    let mut next = 0;
    for section in 0..document.sections() {
        while document.parts().get(next).is_some_and(|part| part.section() as usize <= section) {
            form.part(next);
            next += 1;
        }
        let object = form.end();
        if document.has_block(section) {
            objects.push(object);
        }
    }
    Record { file: form.file.finish(), objects }
}

/// The codes of a binary file, whose token is of this type.
pub(crate) fn of_bytes(
    bytes: &[u8],
    kind: ValueType,
    metadata: &Metadata,
    cipher: &Cipher,
) -> Record {
    let mut pieces = Pieces::new(bytes.len(), kind, cipher);
    pieces.add(bytes);
    pieces.finish(metadata)
}

/// The codes of a binary file that comes in pieces.
pub(crate) struct Pieces {
    kind: ValueType,
    file: Sink,
    object: Sink,
}

impl Pieces {
    /// Begins, for so many bytes.
    pub(crate) fn new(length: usize, kind: ValueType, cipher: &Cipher) -> Self {
        let keys = Keys::new(cipher.key());
        let mut object = Sink::new(keys.object);
        object.text(b"");
        write_path(&mut object);
        object.letter(letter(kind));
        object.number(length);
        Self { kind, file: Sink::new(keys.file), object }
    }

    /// Adds the next bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.object.bytes(bytes);
    }

    /// The codes, once all bytes are there.
    pub(crate) fn finish(self, metadata: &Metadata) -> Record {
        let Self { kind, mut file, mut object } = self;
        let object = object.finish();
        header(&mut file, metadata, 1);
        file.letter(b'v');
        file.letter(SEALED);
        write_path(&mut file);
        file.letter(letter(kind));
        end(&mut file, [None; 4], &object);
        Record { file: file.finish(), objects: vec![object] }
    }
}

/// Where the one value of a binary file stands.
fn write_path(sink: &mut Sink) {
    let mut paths = Paths::default();
    let path = paths.push(PathId::ROOT, Step::Key(binary::KEY.into()));
    Trail::new(&paths, &depths(&paths)).write(path, sink);
}

/// In the part that the selector selects, or not.
const SEALED: u8 = b'x';
const READABLE: u8 = b'r';

/// apiVersion, kind, namespace and name of a document.
type Names<'d> = [Option<&'d str>; 4];

struct Form<'d, 's> {
    document: &'d Document<'s>,
    opened: &'d [Option<OpenedPart<'d>>],
    selected: &'d [bool],
    only_encrypted: bool,
    file: Sink,
    object: Sink,
    trail: Trail<'d, 's>,
    /// That of the object's code.
    sorted: Trail<'d, 's>,
    order: Order<'d, 's>,
    /// The sealed leaves of this document so far, with their part's number.
    sealed: Vec<(PathId, u32)>,
    names: Names<'d>,
}

impl<'d> Form<'d, '_> {
    fn part(&mut self, index: usize) {
        let selected = self.selected[index];
        match &self.document.parts()[index] {
            Part::Leaf(leaf) => self.leaf(leaf, index, selected),
            Part::Comment(comment) if selected => {
                self.comment(comment, self.opened[index].as_ref());
            }
            Part::Comment(_) => {}
        }
    }

    fn leaf(&mut self, leaf: &'d Leaf<'_>, index: usize, selected: bool) {
        if !selected {
            self.name(leaf);
            if self.only_encrypted {
                return;
            }
        }
        self.file.letter(b'v');
        self.file.letter(if selected { SEALED } else { READABLE });
        self.trail.write(leaf.path, &mut self.file);
        self.file.letter(type_of(self.document, leaf, self.opened[index].is_some()));
        if !selected {
            self.file.text(&leaf.value.wire_bytes());
        } else if !matches!(leaf.value, Value::Null | Value::Empty) {
            // What it holds is in the code of the object. A file has fewer parts than
            // bytes, which are at most 4 GiB.
            self.sealed.push((leaf.path, index as u32));
        }
    }

    fn comment(&mut self, comment: &Comment<'_>, opened: Option<&OpenedPart<'_>>) {
        self.file.letter(b'c');
        match opened {
            Some(OpenedPart::Comment(text)) => {
                self.file.letter(SEALED);
                self.file.text(text.as_bytes());
            }
            _ => {
                self.file.letter(READABLE);
                self.file.text(comment.text.as_bytes());
            }
        }
    }

    /// Keeps what the object is called by.
    fn name(&mut self, leaf: &'d Leaf<'_>) {
        let paths = self.document.paths();
        let Value::Str(text) = &leaf.value else { return };
        let (Some(parent), Some(key)) = (paths.parent(leaf.path), paths.last_key(leaf.path)) else {
            return;
        };
        let field = match (paths.parent(parent), key) {
            (None, "apiVersion") => 0,
            (None, "kind") => 1,
            (Some(PathId::ROOT), "namespace" | "name")
                if paths.last_key(parent) == Some("metadata") =>
            {
                if key == "namespace" {
                    2
                } else {
                    3
                }
            }
            _ => return,
        };
        self.names[field] = Some(text);
    }

    /// Ends a document; gives the code of what is sealed in it.
    fn end(&mut self) -> Tag {
        let Self { document, opened, object, sorted, order, .. } = self;
        object.text(self.names[1].unwrap_or_default().as_bytes());
        sorted.restart();
        order.visit(&self.sealed, |path, index| {
            let index = index as usize;
            sorted.write(path, object);
            // Only leaves were gathered.
            let Part::Leaf(leaf) = &document.parts()[index] else { return };
            object.letter(type_of(document, leaf, opened[index].is_some()));
            match &opened[index] {
                Some(OpenedPart::Value(value)) => object.text(&value.wire_bytes()),
                Some(OpenedPart::Comment(text) | OpenedPart::ListComment(text)) => {
                    object.text(text.as_bytes());
                }
                None => object.text(b""),
            }
        });
        let tag = object.finish();
        end(&mut self.file, self.names, &tag);
        self.trail.restart();
        self.sealed.clear();
        self.names = [None; 4];
        tag
    }
}

/// What stands behind the parts of a document.
fn end(file: &mut Sink, names: Names<'_>, object: &Tag) {
    file.letter(b'o');
    for name in names {
        file.text(name.unwrap_or_default().as_bytes());
    }
    file.bytes(object);
}

/// What the `sops` block says: how the file was sealed, and for whom.
fn header(file: &mut Sink, metadata: &Metadata, documents: usize) {
    file.letter(if metadata.mac_only_encrypted { b'e' } else { b'a' });
    let selector = metadata.selector.as_ref();
    file.text(selector.map_or("", |selector| selector.kind().name()).as_bytes());
    file.text(selector.map_or("", |selector| selector.text()).as_bytes());
    file.text(metadata.layout.as_deref().unwrap_or_default().as_bytes());
    file.number(metadata.needed());
    file.number(metadata.groups.len());
    for group in &metadata.groups {
        let mut keys: Vec<_> = group.iter().map(|wrapped| fields(&wrapped.key)).collect();
        // The order of keys means nothing.
        keys.sort_unstable();
        file.number(keys.len());
        for key in keys {
            file.number(key.len());
            for field in key {
                file.text(field.as_bytes());
            }
        }
    }
    file.number(documents);
}

/// The kind of a master key, and what tells it from others of its kind.
fn fields(key: &MasterKey) -> Vec<&str> {
    let mut fields = vec![key.kind()];
    match key {
        MasterKey::Age { recipient } => fields.push(recipient),
        MasterKey::Pgp { fingerprint } => fields.push(fingerprint),
        MasterKey::Kms { arn, role, context, aws_profile } => {
            let none = || "";
            fields.extend([arn, role.as_deref().unwrap_or_else(none)]);
            fields.push(aws_profile.as_deref().unwrap_or_else(none));
            let mut context: Vec<_> = context.iter().collect();
            context.sort_unstable();
            fields.extend(context.into_iter().flat_map(|(name, value)| [&**name, &**value]));
        }
        MasterKey::GcpKms { resource_id } => fields.push(resource_id),
        MasterKey::HcKms { key_id } => fields.push(key_id),
        MasterKey::AzureKv { vault_url, name, version } => {
            fields.extend([&**vault_url, name, version]);
        }
        MasterKey::Vault { address, engine_path, key_name } => {
            fields.extend([&**address, engine_path, key_name]);
        }
    }
    fields
}

/// The letter of a leaf's type: that of its token when it has been opened.
fn type_of(document: &Document<'_>, leaf: &Leaf<'_>, is_opened: bool) -> u8 {
    match &leaf.value {
        Value::Str(token) if is_opened => letter(token_type(token)),
        Value::Null => b'n',
        Value::Empty if document.is_list(leaf) => b'l',
        Value::Empty => b'm',
        value => letter(value.wire_type()),
    }
}

/// The type at the end of a token that was parsed before.
fn token_type(token: &str) -> ValueType {
    let name = token.rsplit(':').next().and_then(|name| name.strip_suffix(']'));
    name.and_then(ValueType::from_name).unwrap_or(ValueType::Str)
}

fn letter(kind: ValueType) -> u8 {
    match kind {
        ValueType::Str => b's',
        ValueType::Int => b'i',
        ValueType::Float => b'f',
        ValueType::Bool => b'b',
        ValueType::Time => b't',
        ValueType::Bytes => b'y',
        ValueType::Comment => b'c',
    }
}
