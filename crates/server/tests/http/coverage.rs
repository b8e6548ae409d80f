//! Every path of the API is called by a test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use offpay_server::routes;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// A text as a path: without its query, and with a star for each part that is filled in. What a variable alone stands
/// before, as in "{path}/pay", is the path's end.
fn shape(text: &str) -> Option<Vec<String>> {
    let path = text.split('?').next()?;
    let (first, rest) = path.split_once('/')?;
    if !(first.is_empty() || first.starts_with('{') && first.ends_with('}')) {
        return None;
    }
    let star = |part: &str| {
        if part.contains('{') {
            "*".to_owned()
        } else {
            part.to_owned()
        }
    };
    Some(rest.split('/').map(star).collect())
}

/// Whether a call with this shape is one of the operation: of all of it, or of what follows a parameter. What is filled in
/// stands for parameters alone: otherwise "{path}/{what}" would be a call of everything.
fn calls(called: &[String], operation: &[String]) -> bool {
    let Some((before, behind)) = operation
        .len()
        .checked_sub(called.len())
        .and_then(|skipped| operation.split_at_checked(skipped))
    else {
        return false;
    };
    before.last().is_none_or(|part| part == "*")
        && called.iter().any(|part| part != "*")
        && called
            .iter()
            .zip(behind)
            .all(|(called, part)| called == part || part == "*")
}

/// Looks for the paths in the texts of the tests: the method is not compared.
#[test]
fn every_path_is_called_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for tests in ["server/tests", "offpay/tests"] {
        sources(&root.join(tests), &mut files);
    }
    let mut called = BTreeSet::new();
    for file in files.iter().filter(|file| !file.ends_with("coverage.rs")) {
        let source = fs::read_to_string(file).unwrap();
        called.extend(source.split('"').filter_map(shape));
    }
    assert!(called.len() > 50, "the tests' texts are not found");
    let document = routes::all().split_for_parts().1;
    let operations: Vec<(&String, Vec<String>)> = document
        .paths
        .paths
        .keys()
        .map(|path| (path, shape(path).unwrap()))
        .collect();
    // A path that is an operation itself fills in no other one's parameter.
    let is_one = |called: &Vec<String>| operations.iter().any(|(_, shape)| shape == called);
    let missing: Vec<&str> = operations
        .iter()
        .filter(|(_, operation)| {
            !called.contains(operation)
                && !called
                    .iter()
                    .any(|called| !is_one(called) && calls(called, operation))
        })
        .map(|(path, _)| path.as_str())
        .collect();
    assert!(missing.is_empty(), "no test calls {missing:?}");
}
