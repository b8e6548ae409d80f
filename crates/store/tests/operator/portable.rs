//! What of PostgreSQL is used is what `docs/postgresql.md` lists, so that databases that speak its protocol can be judged by
//! the list: a query that leaves it fails here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A text with one of these is SQL, whole or in part.
const TELLING: [&str; 12] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "WHERE",
    "VALUES",
    "FROM",
    "RETURNING",
    "LOCK",
    "BEGIN",
    "ORDER",
    "AND",
];

/// What a text uses: each word, function, type or operator, with where.
type Used = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The texts in a Rust source, with lines that go on joined.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                letters.by_ref().find(|letter| *letter == '\n');
            }
            // A letter of its own, or a lifetime.
            '\'' => {
                let next = letters.next();
                if next == Some('\\') {
                    letters.by_ref().find(|letter| *letter == '\'');
                } else if letters.peek() == Some(&'\'') {
                    letters.next();
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next() {
                    match letter {
                        '"' => break,
                        '\\' if letters.peek() == Some(&'\n') => {
                            while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
                        }
                        '\\' => text.extend(letters.next()),
                        letter => text.push(letter),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// SQL without its comments and texts.
fn bare(sql: &str) -> String {
    let lines: Vec<_> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    // `{…}` is filled in with what is written elsewhere, and looked at there.
    let text: String = lines
        .join("\n")
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
        .collect();
    text.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Whether it is a word of the language: ours are in small letters.
fn is_keyword(word: &str) -> bool {
    word.len() > 1
        && word
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

fn words(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(|letter| !is_word(letter))
        .filter(|word| !word.is_empty())
}

/// Notes the words of the language, what is called like a function, and the operators.
fn note(sql: &str, place: &str, used: &mut Used) {
    let sql = bare(sql);
    let mut see = |what: &str| {
        used.entry(what.to_owned())
            .or_default()
            .insert(place.to_owned());
    };
    words(&sql)
        .filter(|word| is_keyword(word))
        .for_each(&mut see);
    for (at, _) in sql.match_indices('(') {
        let before = sql[..at].trim_end();
        let name = before
            .rsplit(|letter| !is_word(letter))
            .next()
            .unwrap_or_default();
        // `INTO table (` names columns.
        let rest = before[..before.len() - name.len()].trim_end();
        let names_table = [
            "INTO",
            "TABLE",
            "REFERENCES",
            "EXISTS",
            "ON",
            "AS",
            "WITH",
            "RECURSIVE",
        ]
        .iter()
        .any(|word| rest.ends_with(word));
        let is_name = name
            .chars()
            .next()
            .is_some_and(|letter| letter.is_ascii_lowercase());
        if is_name && !names_table && at == before.len() {
            see(&format!("{name}()"));
        }
    }
    let is_operator = |letter: char| "+-*/<>=~!@#%^&|?:[]".contains(letter);
    for operator in sql.split(|letter| !is_operator(letter)) {
        if !operator.is_empty() {
            see(operator);
        }
    }
}

/// The words in the fenced block after this heading of the document.
fn listed(document: &str, heading: &str) -> BTreeSet<String> {
    let (_, rest) = document.split_once(heading).unwrap();
    let block = rest.split("```").nth(1).unwrap();
    block
        .split_whitespace()
        .skip(1)
        .map(str::to_owned)
        .collect()
}

fn compare(used: &Used, allowed: &BTreeSet<String>, what: &str) {
    let more: Vec<_> = used
        .iter()
        .filter(|(word, _)| !allowed.contains(*word))
        .collect();
    assert!(
        more.is_empty(),
        "{what} use what docs/postgresql.md does not list: do without it, or list it after looking whether Citus, \
         YugabyteDB and CockroachDB have it: {more:#?}"
    );
    let less: Vec<_> = allowed
        .iter()
        .filter(|word| !used.contains_key(*word))
        .collect();
    assert!(
        less.is_empty(),
        "{what} do not use {less:?} any more: take it out of docs/postgresql.md"
    );
}

#[test]
fn o142_no_query_leaves_what_is_listed() {
    let document = fs::read_to_string(root().join("docs/postgresql.md")).unwrap();
    let store = root().join("crates/store");
    let mut queries = Used::new();
    for file in files(&store.join("src/operator")) {
        let name = file.strip_prefix(&store).unwrap().display().to_string();
        // SQLite's own, and what the programs of PostgreSQL do.
        if name.contains("sqlite") || name.contains("backup") {
            continue;
        }
        for text in literals(&fs::read_to_string(&file).unwrap()) {
            let is_sqlite =
                text.contains("PRAGMA") || text.contains("julianday") || text.contains("IMMEDIATE");
            if !is_sqlite && words(&text).any(|word| TELLING.contains(&word)) {
                note(&text, &name, &mut queries);
            }
        }
    }
    assert!(queries["SELECT"].len() > 15, "the queries were not found");
    compare(&queries, &listed(&document, "## Queries"), "queries");

    let mut tables = Used::new();
    for file in files(&store.join("migrations/postgres")) {
        let name = file.strip_prefix(&store).unwrap().display().to_string();
        note(&fs::read_to_string(&file).unwrap(), &name, &mut tables);
    }
    compare(&tables, &listed(&document, "## Tables"), "tables");
}

#[test]
fn what_is_not_listed_is_found() {
    let mut used = Used::new();
    note(
        "SELECT a::jsonb -> 'b', now() FROM t WHERE x ILIKE 'NOT LISTED' -- NOR THIS\n AND lower(y) = $1",
        "here",
        &mut used,
    );
    let found: Vec<_> = used.keys().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            "->", "::", "=", "AND", "FROM", "ILIKE", "SELECT", "WHERE", "lower()", "now()"
        ]
    );
    let source = "f(\"SELECT a \\\n   FROM b\"); // \"SELECT c\"\nlet x = '\"'; let y = \"d\";";
    assert_eq!(literals(source), ["SELECT a FROM b", "d"]);
}
