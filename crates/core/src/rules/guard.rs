//! What the guard lets pass: plaintexts that a repository keeps on purpose.

use bulla_yaml::NodeId;
use time::Date;
use time::format_description::well_known::Iso8601;

use crate::rules::error::{RulesError, RulesProblem, shown};
use crate::rules::file::RULES_LIMIT;
use crate::rules::matching::PathCondition;
use crate::rules::tree::{Place, Tree};

/// The mappings that are read here.
pub(super) const PLACES: [&Place; 2] = [&GUARD, &ALLOW];

const GUARD: Place = Place { called: "`guard`", fields: &["allow"] };

const ALLOW: Place = Place {
    called: "an allow of the guard",
    fields: &["path_regex", "path_glob", "rule", "reason", "expires"],
};

/// Findings of the guard that are let pass, and why.
#[derive(Clone, Debug)]
pub struct GuardAllow {
    /// Its first line in the rules file, from 1.
    pub line: usize,
    /// The files that it is for.
    pub condition: PathCondition,
    /// The guard's rules that it is for, by their names; at least one. Which there are,
    /// the guard knows.
    pub rules: Vec<String>,
    /// What somebody who reviews this should know.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

/// Reads `guard`.
pub(super) fn read(tree: &Tree<'_>, at: NodeId) -> Result<Vec<GuardAllow>, RulesError> {
    let mut allows = Vec::new();
    for field in tree.fields(at, "guard")? {
        if field.name != "allow" {
            return Err(tree.unknown(&field, &GUARD));
        }
        let items = tree.items(field.value, "allow", "a list of what is allowed")?;
        if let Some(&first_beyond) = items.get(RULES_LIMIT) {
            return Err(tree.error(first_beyond, RulesProblem::TooManyRules));
        }
        allows = items.into_iter().map(|item| allow(tree, item)).collect::<Result<_, _>>()?;
    }
    Ok(allows)
}

fn allow(tree: &Tree<'_>, item: NodeId) -> Result<GuardAllow, RulesError> {
    let (mut condition, mut rules, mut reason, mut expires) = (None, None, None, None);
    for field in tree.fields(tree.follow(item)?, ALLOW.called)? {
        let text = || tree.text(field.value, field.name);
        match field.name {
            "path_regex" | "path_glob" if condition.is_some() => {
                let hint = "keep the one that says what you mean";
                let (one, other) = ("path_regex", "path_glob");
                let problem = RulesProblem::Exclusive { one, other, hint };
                return Err(tree.error(field.key, problem));
            }
            "path_regex" => condition = Some(PathCondition::regex(text()?)),
            "path_glob" => condition = Some(PathCondition::glob(text()?)),
            "rule" => rules = Some(rules_of(tree, field.value)?),
            "reason" => reason = Some(text()?.trim().to_owned()),
            "expires" => {
                let day = Date::parse(text()?.trim(), &Iso8601::DATE);
                let wrong = |_| tree.wrong_type(field.value, "expires", "a day, as 2027-12-31");
                expires = Some(day.map_err(wrong)?);
            }
            _ => return Err(tree.unknown(&field, &ALLOW)),
        }
        if let Some(Err(problem)) = condition {
            return Err(tree.error(field.value, problem));
        }
    }
    let missing = |field| tree.error(item, RulesProblem::Missing { place: ALLOW.called, field });
    Ok(GuardAllow {
        line: tree.line(item),
        condition: condition.and_then(Result::ok).ok_or_else(|| missing("path_glob"))?,
        rules: rules.ok_or_else(|| missing("rule"))?,
        reason: reason.ok_or_else(|| missing("reason"))?,
        expires,
    })
}

/// One name, or a list of them.
fn rules_of(tree: &Tree<'_>, at: NodeId) -> Result<Vec<String>, RulesError> {
    let items = match tree.is_list(at) {
        true => tree.items(at, "rule", "a list of names")?,
        false => vec![at],
    };
    let names = items.into_iter().map(|item| {
        let name = tree.text(tree.follow(item)?, "rule")?.trim();
        match name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-0123456789".contains(&byte)) {
            true => Ok(name.to_owned()),
            false => Err(tree.error(item, RulesProblem::UnknownGuardRule { rule: shown(name) })),
        }
    });
    names.collect()
}
