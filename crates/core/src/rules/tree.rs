//! The rules file as a tree in which aliases are followed and merges are done.
//!
//! Everything that is read goes through here, so that each error has the line of
//! the text that has to be changed.

use std::cell::Cell;
use std::collections::HashSet;

use bulla_yaml::{NodeId, NodeKind, Resolved, Stream, Style};

use crate::rules::error::{RulesError, RulesProblem, nearest, shown};

/// How deep merges, groups and names may stand in each other.
pub(super) const DEPTH_LIMIT: usize = 32;

/// How many bytes aliases and names may add to what is written. Five hundred
/// rules with a hundred recipients each need 6 MiB.
const EXPANSION_LIMIT: usize = 8 << 20;

/// What following an alias costs, however short the text is that it stands for.
const ALIAS_COST: usize = 64;

/// A kind of mapping and the fields that it may have.
pub(super) struct Place {
    /// In messages: `a creation rule`.
    pub(super) called: &'static str,
    pub(super) fields: &'static [&'static str],
}

/// An entry of a mapping, its alias followed.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) key: NodeId,
    pub(super) value: NodeId,
}

/// A parsed rules file.
pub(super) struct Tree<'t> {
    stream: Stream<'t>,
    file: &'t str,
    expanded: Cell<usize>,
}

impl<'t> Tree<'t> {
    pub(super) fn parse(text: &'t str, file: &'t str) -> Result<Self, RulesError> {
        let stream = Stream::parse(text).map_err(|error| RulesError {
            file: file.to_owned(),
            line: error.line,
            problem: RulesProblem::Yaml(error.kind),
        })?;
        Ok(Self { stream, file, expanded: Cell::new(0) })
    }

    /// The root of the only document; `None` when there is nothing in it.
    pub(super) fn root(&self) -> Result<Option<NodeId>, RulesError> {
        let mut roots = self.stream.documents().iter().filter_map(|document| document.root);
        let root = roots.next().filter(|&root| !self.is_null(root));
        match roots.next() {
            Some(second) => Err(self.error(second, RulesProblem::SecondDocument)),
            None => Ok(root),
        }
    }

    pub(super) fn error(&self, at: NodeId, problem: RulesProblem) -> RulesError {
        RulesError { file: self.file.to_owned(), line: self.line(at), problem }
    }

    /// The line, from 1, on which a node begins.
    pub(super) fn line(&self, at: NodeId) -> usize {
        self.stream.line(at)
    }

    pub(super) fn unknown(&self, field: &Field<'_>, place: &Place) -> RulesError {
        let near = nearest(field.name, place.fields.iter().copied());
        let problem =
            RulesProblem::UnknownField { field: shown(field.name), place: place.called, near };
        self.error(field.key, problem)
    }

    /// The node itself, or what its alias stands for.
    pub(super) fn follow(&self, at: NodeId) -> Result<NodeId, RulesError> {
        let NodeKind::Alias { target } = self.stream.node(at).kind else { return Ok(at) };
        let bytes = self.stream.node(target).text_end() - self.stream.first_byte(target);
        self.spend(at, bytes as usize + ALIAS_COST)?;
        Ok(target)
    }

    /// Counts what is read more than once, so that a small file cannot become a
    /// large one.
    pub(super) fn spend(&self, at: NodeId, bytes: usize) -> Result<(), RulesError> {
        let expanded = self.expanded.get().saturating_add(bytes);
        self.expanded.set(expanded);
        if expanded > EXPANSION_LIMIT {
            return Err(self.error(at, RulesProblem::TooLarge));
        }
        Ok(())
    }

    pub(super) fn is_null(&self, at: NodeId) -> bool {
        matches!(self.resolve(at), Some(Resolved::Null))
    }

    pub(super) fn is_mapping(&self, at: NodeId) -> bool {
        matches!(self.stream.node(at).kind, NodeKind::Mapping { .. })
    }

    pub(super) fn is_list(&self, at: NodeId) -> bool {
        matches!(self.stream.node(at).kind, NodeKind::Sequence { .. })
    }

    /// The fields of a mapping, with those that `<<` brings in: the mapping's own
    /// win, then those of earlier merges.
    pub(super) fn fields(&self, at: NodeId, called: &str) -> Result<Vec<Field<'_>>, RulesError> {
        let mut fields = Vec::new();
        self.collect(at, called, DEPTH_LIMIT, &mut HashSet::new(), &mut fields)?;
        Ok(fields)
    }

    /// The items of a list, aliases not followed.
    pub(super) fn items(
        &self,
        at: NodeId,
        field: &str,
        wanted: &'static str,
    ) -> Result<Vec<NodeId>, RulesError> {
        if !self.is_list(at) {
            return Err(self.wrong_type(at, field, wanted));
        }
        let items: Vec<_> = self.stream.children(at).collect();
        match items.is_empty() {
            true => Err(self.error(at, RulesProblem::Empty { field: shown(field) })),
            false => Ok(items),
        }
    }

    /// The text of any scalar but null, as sops takes it.
    pub(super) fn text(&self, at: NodeId, field: &str) -> Result<&str, RulesError> {
        match (self.resolve(at), self.stream.node(at).scalar()) {
            (Some(Resolved::Null), _) => {
                Err(self.error(at, RulesProblem::Empty { field: shown(field) }))
            }
            (None | Some(Resolved::Binary(_)), _) | (_, None) => {
                Err(self.wrong_type(at, field, "text"))
            }
            (_, Some(scalar)) if scalar.value.trim().is_empty() => {
                Err(self.error(at, RulesProblem::Empty { field: shown(field) }))
            }
            (_, Some(scalar)) => Ok(scalar.value),
        }
    }

    /// A truth value; go-yaml takes the words of YAML 1.1 where it expects one.
    pub(super) fn bool(&self, at: NodeId, field: &str) -> Result<bool, RulesError> {
        match self.resolve(at) {
            Some(Resolved::Bool(bool)) => Ok(bool),
            Some(Resolved::Str(text)) => match text.as_ref() {
                "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Ok(true),
                "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Ok(false),
                _ => Err(self.wrong_type(at, field, "true or false")),
            },
            _ => Err(self.wrong_type(at, field, "true or false")),
        }
    }

    pub(super) fn int(&self, at: NodeId, field: &str) -> Result<i64, RulesError> {
        match self.resolve(at) {
            Some(Resolved::Int(int)) => Ok(int),
            _ => Err(self.wrong_type(at, field, "a whole number")),
        }
    }

    pub(super) fn wrong_type(&self, at: NodeId, field: &str, wanted: &'static str) -> RulesError {
        if self.is_null(at) {
            return self.error(at, RulesProblem::Empty { field: shown(field) });
        }
        self.error(at, RulesProblem::WrongType { field: shown(field), wanted })
    }

    /// Scalars that carry an anchor, with the anchor's name.
    pub(super) fn anchored(&self) -> impl Iterator<Item = (&'t str, &str)> {
        (0..self.stream.len()).filter_map(|index| {
            let node = self.stream.node(self.stream.nth(index)?);
            let anchor = node.properties()?.anchor_span?;
            let name = self.stream.text()[anchor.range()].strip_prefix('&')?;
            Some((name, node.scalar()?.value))
        })
    }

    fn resolve(&self, at: NodeId) -> Option<Resolved<'_>> {
        let node = self.stream.node(at);
        let scalar = node.scalar()?;
        bulla_yaml::resolve(node.tag(), scalar.style, scalar.value).ok()
    }

    fn collect<'a>(
        &'a self,
        at: NodeId,
        called: &str,
        depth: usize,
        seen: &mut HashSet<&'a str>,
        fields: &mut Vec<Field<'a>>,
    ) -> Result<(), RulesError> {
        if !self.is_mapping(at) {
            return Err(self.wrong_type(at, called, "a mapping"));
        }
        if depth == 0 {
            return Err(self.error(at, RulesProblem::TooDeep));
        }
        let mut own = HashSet::new();
        let mut merged = None;
        for (key, value) in self.stream.entries(at) {
            let name = self.field_name(key)?;
            if !own.insert(name) {
                return Err(self.error(key, RulesProblem::DuplicateField { field: shown(name) }));
            }
            let value = self.follow(value)?;
            if self.is_merge(key) {
                merged = Some(value);
            } else if seen.insert(name) {
                fields.push(Field { name, key, value });
            }
        }
        match merged {
            Some(list) if self.is_list(list) => self
                .stream
                .children(list)
                .try_for_each(|one| self.collect(self.follow(one)?, "<<", depth - 1, seen, fields)),
            Some(one) => self.collect(one, "<<", depth - 1, seen, fields),
            None => Ok(()),
        }
    }

    fn field_name(&self, key: NodeId) -> Result<&str, RulesError> {
        let scalar = self.stream.node(self.follow(key)?).scalar();
        let text = scalar.filter(|scalar| !scalar.value.is_empty());
        match text {
            Some(scalar) => Ok(scalar.value),
            None => Err(self.error(key, RulesProblem::FieldNotText)),
        }
    }

    /// Quotes make an ordinary key of it, as in go-yaml.
    fn is_merge(&self, key: NodeId) -> bool {
        let node = self.stream.node(key);
        node.scalar().is_some_and(|scalar| scalar.style == Style::Plain && scalar.value == "<<")
    }
}
