//! Against Go's own parser, whose answers are recorded in `fixtures/go/template-parse.jsonl`.
