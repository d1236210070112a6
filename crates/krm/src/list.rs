//! The ResourceList that an orchestrator sends.

use bulla_yaml::{NodeId, NodeKind, Resolved, Stream};

use crate::error::Problem;

/// The versions of `config.kubernetes.io` that have a ResourceList; they are the
/// same as far as they are used here.
const VERSIONS: [&str; 3] =
    ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", "config.kubernetes.io/v1alpha1"];

/// How an item says that it is the config of a function.
pub(crate) const FUNCTION_ANNOTATIONS: [&str; 2] =
    ["config.kubernetes.io/function", "config.k8s.io/function"];

/// How an orchestrator says in which file it keeps an item.
const PATH_ANNOTATIONS: [&str; 2] =
    ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];

/// The resources that an orchestrator sends.
pub(crate) struct Resources<'s> {
    stream: Stream<'s>,
    items: Vec<NodeId>,
}

impl<'s> Resources<'s> {
    /// Reads a ResourceList: its config, and the items that are not it.
    pub(crate) fn of_list(input: &'s str) -> Result<(Self, NodeId), Problem> {
        let stream = Stream::parse(input).map_err(Problem::Syntax)?;
        let root = only_document(&stream)?;
        let wrong = |reason: String| Problem::NotAResourceList { reason };
        let field = |name: &str| get(&stream, root, name).and_then(|id| text(&stream, id));
        match (field("apiVersion"), field("kind")) {
            (Some(version), Some("ResourceList")) if VERSIONS.contains(&version) => {}
            (Some(version), Some("ResourceList")) => {
                return Err(wrong(format!("a ResourceList of {version} is not known")));
            }
            (_, Some(kind)) => return Err(wrong(format!("this is no ResourceList but a {kind}"))),
            (_, None) => return Err(wrong("this is no ResourceList".into())),
        }
        let mut items = match get(&stream, root, "items") {
            None => Vec::new(),
            Some(items) => match stream.node(items).kind {
                NodeKind::Sequence { .. } => {
                    stream.children(items).map(|item| target(&stream, item)).collect()
                }
                _ if is_null(&stream, items) => Vec::new(),
                _ => return Err(wrong("its `items` are not a list".into())),
            },
        };
        let config = get(&stream, root, "functionConfig").filter(|&id| !is_null(&stream, id));
        let config = match config {
            // kustomize sends a generator its own config as an item too.
            Some(config) => {
                items.retain(|&item| identity(&stream, item) != identity(&stream, config));
                config
            }
            None => {
                let mut configs = items.iter().copied().filter(|&item| is_config(&stream, item));
                let (Some(config), None) = (configs.next(), configs.next()) else {
                    return Err(Problem::NoConfig);
                };
                items.retain(|&item| item != config);
                config
            }
        };
        Ok((Self { stream, items }, config))
    }

    /// Reads documents, each a resource; none at all is fine.
    pub(crate) fn of_documents(input: &'s str) -> Result<Self, Problem> {
        let stream = Stream::parse(input).map_err(Problem::Syntax)?;
        let roots = stream.documents().iter().filter_map(|document| document.root);
        let items = roots.filter(|&root| !is_null(&stream, root)).collect();
        Ok(Self { stream, items })
    }

    /// The text and its nodes.
    pub(crate) fn stream(&self) -> &Stream<'s> {
        &self.stream
    }

    /// The resources.
    pub(crate) fn items(&self) -> &[NodeId] {
        &self.items
    }

    /// Refuses resources that the orchestrator keeps in files.
    pub(crate) fn refuse_files_on_disk(&self) -> Result<(), Problem> {
        for &item in &self.items {
            let mut names = PATH_ANNOTATIONS.into_iter();
            if let Some(annotation) = names.find(|name| has(&self.stream, item, name)) {
                let item = label(&self.stream, item);
                return Err(Problem::WrittenToDisk { item, annotation });
            }
        }
        Ok(())
    }
}

/// Kind and name of a resource, with its namespace if it has one, for messages.
pub(crate) fn label(stream: &Stream<'_>, item: NodeId) -> String {
    match identity(stream, item) {
        [_, Some(kind), Some(namespace), Some(name)] => format!("{kind}/{namespace}/{name}"),
        [_, Some(kind), None, Some(name)] => format!("{kind}/{name}"),
        [_, Some(kind), _, None] => kind.to_owned(),
        [_, None, _, _] => format!("standard input, line {}", stream.line(item)),
    }
}

/// What an alias stands for; any other node itself.
pub(crate) fn target(stream: &Stream<'_>, id: NodeId) -> NodeId {
    match stream.node(id).kind {
        NodeKind::Alias { target } => target,
        _ => id,
    }
}

/// The value of an entry, through an alias.
pub(crate) fn get(stream: &Stream<'_>, mapping: NodeId, key: &str) -> Option<NodeId> {
    match stream.node(mapping).kind {
        NodeKind::Mapping { .. } => stream.get(mapping, key).map(|id| target(stream, id)),
        _ => None,
    }
}

/// The value of a scalar that is a text.
pub(crate) fn text<'t>(stream: &'t Stream<'_>, id: NodeId) -> Option<&'t str> {
    let node = stream.node(id);
    let scalar = node.scalar()?;
    match bulla_yaml::resolve(node.tag(), scalar.style, scalar.value) {
        Ok(Resolved::Str(_)) => Some(scalar.value),
        _ => None,
    }
}

/// Whether this is `null`, or nothing at all.
pub(crate) fn is_null(stream: &Stream<'_>, id: NodeId) -> bool {
    let node = stream.node(id);
    node.scalar().is_some_and(|scalar| {
        bulla_yaml::resolve(node.tag(), scalar.style, scalar.value) == Ok(Resolved::Null)
    })
}

fn only_document(stream: &Stream<'_>) -> Result<NodeId, Problem> {
    let wrong = |reason: &str| Problem::NotAResourceList { reason: reason.into() };
    let filled = stream.documents().iter().filter_map(|document| document.root);
    let mut roots = filled.filter(|&root| !is_null(stream, root));
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        (None, _) => Err(wrong("there is no document")),
        (Some(_), Some(_)) => Err(wrong("there is more than one document")),
    }
}

/// apiVersion, kind, namespace and name.
fn identity<'t>(stream: &'t Stream<'_>, item: NodeId) -> [Option<&'t str>; 4] {
    let field = |mapping, key| get(stream, mapping, key).and_then(|id| text(stream, id));
    let metadata = get(stream, item, "metadata");
    let meta = |key| metadata.and_then(|metadata| field(metadata, key));
    [field(item, "apiVersion"), field(item, "kind"), meta("namespace"), meta("name")]
}

/// Whether an item says that it configures a function, in any of the ways that
/// kustomize has known.
fn is_config(stream: &Stream<'_>, item: NodeId) -> bool {
    let metadata = get(stream, item, "metadata");
    FUNCTION_ANNOTATIONS.iter().any(|name| has(stream, item, name))
        || metadata.and_then(|metadata| get(stream, metadata, "configFn")).is_some()
}

/// The text of an annotation.
pub(crate) fn annotation<'t>(stream: &'t Stream<'_>, item: NodeId, name: &str) -> Option<&'t str> {
    text(stream, annotated(stream, item, name)?)
}

/// Whether an item has an annotation, whatever it says.
fn has(stream: &Stream<'_>, item: NodeId, name: &str) -> bool {
    annotated(stream, item, name).is_some()
}

fn annotated(stream: &Stream<'_>, item: NodeId, name: &str) -> Option<NodeId> {
    get(stream, get(stream, get(stream, item, "metadata")?, "annotations")?, name)
}
