//! Every operation of the API is called by a test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use offpay_server::routes;

/// Operations that no test calls over HTTP, and why that is right.
const NOT_CALLED: &[(&str, &str)] = &[];

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

/// A text as a path: without its query, and with a star for each part that is filled in.
fn shape(text: &str) -> Option<Vec<String>> {
    let path = text.split('?').next()?;
    let mut parts = path.split('/').peekable();
    // A path, or one that goes on where a variable ends.
    let first = parts.next()?;
    let begins_in_the_middle = first.starts_with('{') && first.ends_with('}');
    if !(first.is_empty() || begins_in_the_middle) || parts.peek().is_none() {
        return None;
    }
    let star = |part: &str| {
        if part.contains('{') {
            "*".to_owned()
        } else {
            part.to_owned()
        }
    };
    let mut shape: Vec<String> = parts.map(star).collect();
    if begins_in_the_middle {
        shape.insert(0, "..".to_owned());
    }
    Some(shape)
}

fn same(called: &[String], operation: &[String]) -> bool {
    let (called, operation) = match called.split_first() {
        Some((first, rest)) if first == ".." => {
            let Some(skipped) = operation.len().checked_sub(rest.len()) else {
                return false;
            };
            (rest, operation.get(skipped..).unwrap_or_default())
        }
        _ => (called, operation),
    };
    called.len() == operation.len()
        && called
            .iter()
            .zip(operation)
            .all(|(called, part)| called == part || called == "*" || part == "*")
}

/// Looks for the paths in the texts of the tests: the method is not compared.
#[test]
fn every_operation_is_called_by_a_test() {
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
    let mut missing = Vec::new();
    for path in document.paths.paths.keys() {
        let operation = shape(path).unwrap();
        // A part alone ("{path}/pay") stands for any operation that ends so, and not for one without parts.
        if !called.iter().any(|called| same(called, &operation)) {
            missing.push(path.as_str());
        }
    }
    let allowed: Vec<&str> = NOT_CALLED.iter().map(|(path, _)| *path).collect();
    assert_eq!(missing, allowed, "operations that no test calls");
}
