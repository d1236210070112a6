//! The block as names and values side by side, as dotenv and INI have it:
//! `age__list_0__map_enc`.

use serde_json::{Map, Value as Json};

/// What stands before a key of a mapping.
const MAP: &str = "__map_";
/// What stands before the index of a list item.
const LIST: &str = "__list_";
/// How deep names may lead: a real one has two steps into a list and one into a
/// mapping below it.
const DEPTH: usize = 16;

/// The entries of a block, in its order. Nulls and empty collections have none.
pub(crate) fn flatten(block: &Map<String, Json>) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for (name, value) in block {
        flatten_value(name.clone(), value, &mut entries);
    }
    entries
}

fn flatten_value(name: String, value: &Json, entries: &mut Vec<(String, String)>) {
    match value {
        Json::Null => {}
        Json::Object(map) => {
            for (key, value) in map {
                flatten_value(format!("{name}{MAP}{key}"), value, entries);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten_value(format!("{name}{LIST}{index}"), value, entries);
            }
        }
        Json::String(text) => entries.push((name, text.clone())),
        other => entries.push((name, other.to_string())),
    }
}

/// The block of these entries; every value is a text. The order is that in which
/// names first come up.
///
/// # Errors
///
/// With the name that contradicts the others.
pub(crate) fn unflatten<'e>(
    entries: impl IntoIterator<Item = (&'e str, String)>,
) -> Result<Map<String, Json>, String> {
    let entries: Vec<_> = entries.into_iter().collect();
    // Real lists have no holes: a key of a group takes an item of two lists.
    let mut room = 2 * entries.len();
    let mut block = Json::Object(Map::new());
    for (name, value) in entries {
        let steps = steps(name).ok_or_else(|| format!("{name} is no name of a field"))?;
        insert(&mut block, &steps, value, &mut room)
            .ok_or_else(|| format!("{name} does not go with the other fields"))?;
    }
    match block {
        Json::Object(block) => Ok(block),
        // It was made as one, and steps into it are keys.
        _ => Err("it is not a mapping".into()),
    }
}

/// One step of a name.
enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

fn steps(name: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut rest = name;
    let mut is_index = false;
    loop {
        let end = [rest.find(MAP), rest.find(LIST)].into_iter().flatten().min();
        let text = &rest[..end.unwrap_or(rest.len())];
        steps.push(if is_index { Step::Index(text.parse().ok()?) } else { Step::Key(text) });
        if steps.len() > DEPTH {
            return None;
        }
        let Some(end) = end else { return Some(steps) };
        is_index = rest[end..].starts_with(LIST);
        rest = &rest[end + if is_index { LIST.len() } else { MAP.len() }..];
    }
}

/// Puts a value at the end of its steps; all lists together grow by `room` items at
/// most.
fn insert(node: &mut Json, steps: &[Step<'_>], value: String, room: &mut usize) -> Option<()> {
    let Some((step, below)) = steps.split_first() else {
        let is_free = node.is_null();
        *node = value.into();
        return is_free.then_some(());
    };
    let next = match step {
        Step::Key(key) => {
            if node.is_null() {
                *node = Json::Object(Map::new());
            }
            node.as_object_mut()?.entry(*key).or_insert(Json::Null)
        }
        Step::Index(index) => {
            if node.is_null() {
                *node = Json::Array(Vec::new());
            }
            let list = node.as_array_mut()?;
            if *index >= list.len() {
                *room = room.checked_sub(index - list.len() + 1)?;
                list.resize(index + 1, Json::Null);
            }
            list.get_mut(*index)?
        }
    };
    insert(next, below, value, room)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entries<'e>(flat: &'e [(&str, &str)]) -> impl Iterator<Item = (&'e str, String)> {
        flat.iter().map(|(name, value)| (*name, (*value).to_owned()))
    }

    #[test]
    fn a_block_is_flattened_and_back_in_its_order() {
        let block = json!({
            "kms": [{"arn": "a", "context": {"x": "1", "a:b": "2"}, "enc": "e\nf"}],
            "age": [{"recipient": "r", "enc": "1"}, {"recipient": "s", "enc": "2"}],
            "zzz": "kept",
            "bulla": {"layout": "ENC[]"},
        });
        let flat = flatten(block.as_object().unwrap());
        let names: Vec<_> = flat.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names[..3],
            [
                "kms__list_0__map_arn",
                "kms__list_0__map_context__map_x",
                "kms__list_0__map_context__map_a:b"
            ]
        );
        assert_eq!(names[7..], ["age__list_1__map_enc", "zzz", "bulla__map_layout"]);
        let pairs = flat.iter().map(|(name, value)| (name.as_str(), value.clone()));
        assert_eq!(Json::from(unflatten(pairs).unwrap()), block);
    }

    #[test]
    fn what_is_no_text_becomes_one() {
        let block =
            json!({"mac_only_encrypted": true, "shamir_threshold": 2, "kms": [], "x": null});
        let flat = flatten(block.as_object().unwrap());
        assert_eq!(
            flat,
            [
                ("mac_only_encrypted".to_owned(), "true".to_owned()),
                ("shamir_threshold".to_owned(), "2".to_owned()),
            ]
        );
    }

    #[test]
    fn items_come_in_any_order() {
        let flat = [("age__list_1__map_enc", "b"), ("age__list_0__map_enc", "a")];
        let block = unflatten(entries(&flat)).unwrap();
        assert_eq!(Json::from(block), json!({"age": [{"enc": "a"}, {"enc": "b"}]}));
    }

    #[test]
    fn names_that_contradict_each_other_are_refused() {
        let cases: [&[(&str, &str)]; 6] = [
            &[("age", "x"), ("age__list_0", "y")],
            &[("age__list_0", "x"), ("age__map_0", "y")],
            &[("age__list_x", "y")],
            &[("age__list_99999999999", "y")],
            &[("age__list_2", "y")],
            &[("mac", "x"), ("mac", "y")],
        ];
        for flat in cases {
            assert!(unflatten(entries(flat)).is_err(), "{flat:?}");
        }
        let deep = "a__map_".repeat(100_000);
        assert!(unflatten([(deep.as_str(), String::new())]).is_err());
    }
}
