//! SARIF 2.1.0, as code scanning services read it: places and words, and no snippet of
//! any file.

use bulla_guard::sarif_location;
use serde_json::{Value, json};

use super::fault::{Fault, Kind};
use super::report::Report;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The report as one run.
pub(super) fn write(report: &Report) -> String {
    let rules = Kind::ALL.map(|kind| {
        json!({
            "id": kind.name(),
            "shortDescription": { "text": kind.what() },
            "defaultConfiguration": { "level": "error" },
            "properties": { "tags": ["security"] },
        })
    });
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bulla verify",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "utf16CodeUnits",
            "results": report.faults.iter().map(result).collect::<Vec<_>>(),
            "properties": { "files": report.files, "withKey": report.with_key },
        }],
    });
    format!("{sarif:#}\n")
}

fn result(fault: &Fault) -> Value {
    let mut location = sarif_location(&fault.path);
    // Services show nothing of a result without a line.
    location["physicalLocation"]["region"] = json!({ "startLine": fault.line.unwrap_or(1) });
    if !fault.key_path.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": fault.key_path }]);
    }
    json!({
        "ruleId": fault.kind.name(),
        "ruleIndex": Kind::ALL.iter().position(|kind| *kind == fault.kind),
        "level": "error",
        "message": { "text": fault.message },
        "locations": [location],
    })
}
