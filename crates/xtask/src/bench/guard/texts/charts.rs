//! Charts and dashboards.

use fastrand::Rng;

use super::{BASE64, HEX, name, push, run, sentence, word};

/// A dashboard in JSON.
pub(in crate::bench::guard) fn dashboard(rng: &mut Rng) -> String {
    let mut out = format!("{{\n  \"title\": \"{}\",\n  \"panels\": [\n", sentence(rng));
    let count = rng.usize(10..200);
    for id in 0..count {
        push(
            &mut out,
            format_args!(
                "    {{\n      \"id\": {id},\n      \"datasource\": {{\"type\": \"prometheus\", \"uid\": \"{}\"}},\n      \
             \"gridPos\": {{\"h\": {}, \"w\": {}, \"x\": 0, \"y\": {}}},\n      \"targets\": [\n        {{\n          \
             \"expr\": \"sum(rate({}_{}_total{{job=~\\\"$job\\\", {}!=\\\"\\\"}}[5m])) by ({})\",\n          \
             \"legendFormat\": \"{{{{{}}}}}\",\n          \"refId\": \"A\"\n        }}\n      ],\n      \
             \"title\": \"{}\",\n      \"type\": \"timeseries\"\n    }}{}\n",
                run(rng, BASE64, 9),
                rng.u8(1..12),
                rng.u8(1..24),
                rng.u16(..900),
                word(rng),
                word(rng),
                word(rng),
                word(rng),
                word(rng),
                sentence(rng),
                if id + 1 == count { "" } else { "," },
            ),
        );
    }
    push(
        &mut out,
        format_args!("  ],\n  \"schemaVersion\": 39,\n  \"uid\": \"{}\"\n}}\n", run(rng, HEX, 16)),
    );
    out
}

/// A template of a chart.
pub(in crate::bench::guard) fn template(rng: &mut Rng) -> String {
    let chart = name(rng);
    let mut out = format!(
        "{{{{- if .Values.enabled }}}}\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  \
         name: {{{{ include \"{chart}.fullname\" . }}}}\n  labels:\n    {{{{- include \"{chart}.labels\" . | nindent 4 }}}}\n\
         spec:\n  template:\n    spec:\n      containers:\n"
    );
    for _ in 0..rng.usize(1..6) {
        let word = word(rng);
        push(
            &mut out,
            format_args!(
                "        - name: {word}\n          image: \"{{{{ .Values.{word}.image.repository }}}}:{{{{ .Values.{word}.image.tag }}}}\"\n          \
             {{{{- with .Values.{word}.env }}}}\n          env:\n            {{{{- toYaml . | nindent 12 }}}}\n          \
             {{{{- end }}}}\n          envFrom:\n            - secretRef:\n                \
             name: {{{{ .Values.{word}.existingSecret | default (printf \"%s-{word}\" .Release.Name) }}}}\n          \
             resources:\n            {{{{- toYaml .Values.{word}.resources | nindent 12 }}}}\n",
            ),
        );
    }
    out.push_str("{{- end }}\n");
    out
}

/// The values of a chart, with what is said about them.
pub(in crate::bench::guard) fn values(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(10..80) {
        push(&mut out, format_args!("# -- {}\n{}{}:\n", sentence(rng), word(rng), rng.u16(..)));
        for _ in 0..rng.usize(1..8) {
            let value = match rng.u8(0..5) {
                0 => "\"\"".to_owned(),
                1 => "{}".to_owned(),
                2 => rng.bool().to_string(),
                3 => format!("{}-{}", word(rng), word(rng)),
                _ => rng.u16(..).to_string(),
            };
            push(
                &mut out,
                format_args!("  # {}\n  {}{}: {value}\n", sentence(rng), word(rng), rng.u16(..)),
            );
        }
    }
    out
}
