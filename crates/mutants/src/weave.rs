//! Writes mutants into a file's text, each as a whole body of its function behind a switch.
//!
//! Text is put in and none is changed, so what is there with no mutant on is what was there before.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use anyhow::{Context, Result};

use crate::source::{Returns, Source};

/// A change of a file's text.
#[derive(Debug, Clone)]
pub struct Change {
    /// The mutant's number: not 0, which is none.
    pub number: u32,
    /// What goes.
    pub range: Range<usize>,
    /// What comes in its place.
    pub replacement: String,
}

/// A file with mutants in it.
#[derive(Debug)]
pub struct Woven {
    /// The text.
    pub text: String,
    /// Where each function with mutants stands in the text.
    pub functions: Vec<Switched>,
}

/// A function that is switched.
#[derive(Debug)]
pub struct Switched {
    /// Its body, with those of its mutants.
    pub range: Range<usize>,
    /// By what number a test says that it came through: that of the first mutant.
    pub site: u32,
    /// Each mutant's body.
    pub bodies: BTreeMap<u32, Range<usize>>,
    /// Whether the function says what type it returns: if so, an error in a mutant's body is that mutant's.
    pub named: bool,
}

/// Whether a place can be switched at all.
pub fn can_be_woven(source: &Source, range: &Range<usize>) -> bool {
    let function = source.function(range);
    let function = function.and_then(|index| source.functions.get(index));
    function.is_some_and(|function| function.returns != Returns::Opaque)
}

/// Puts the changes into the text; `switch` is the path of the switch's module as the file sees it. What
/// [cannot be woven](can_be_woven) is left out.
///
/// # Errors
///
/// A change is of another file.
pub fn weave(source: &Source, changes: &[Change], switch: &str) -> Result<Woven> {
    let mut by_function = BTreeMap::<usize, Vec<&Change>>::new();
    for change in changes {
        if !can_be_woven(source, &change.range) {
            continue;
        }
        if let Some(function) = source.function(&change.range) {
            by_function.entry(function).or_default().push(change);
        }
    }
    // Where text is put in: before a body, and behind it. The braces of functions inside others never touch theirs.
    let mut places = BTreeMap::<usize, Vec<(usize, bool)>>::new();
    for function in by_function.keys() {
        let body = &source.functions[*function].body;
        places
            .entry(body.start)
            .or_default()
            .push((*function, true));
        places.entry(body.end).or_default().push((*function, false));
    }

    let mut text = String::new();
    let mut switched = BTreeMap::<usize, Switched>::new();
    let mut from = 0;
    for (at, ends) in places {
        text.push_str(source.text.get(from..at).context("no such place")?);
        from = at;
        for (function, opens) in ends {
            let changes = &by_function[&function];
            let returns = source.functions[function].returns;
            if opens {
                let start = text.len();
                let site = changes.first().map_or(0, |change| change.number);
                write!(text, " match {switch}::at({site}) {{")?;
                let bodies = bodies(&mut text, source, function, changes, switch)?;
                let depth = bodies.len();
                write!(text, " _ => {}{{", nest(returns, switch, depth, None))?;
                let switched_on = Switched {
                    range: start..start,
                    site,
                    bodies,
                    named: returns == Returns::Named,
                };
                switched.insert(function, switched_on);
            } else if let Some(switched) = switched.get_mut(&function) {
                let depth = switched.bodies.len();
                write!(text, "}}{} }} ", unnest(returns, depth))?;
                switched.range.end = text.len();
            }
        }
    }
    text.push_str(source.text.get(from..).context("no such place")?);
    Ok(Woven {
        text,
        functions: switched.into_values().collect(),
    })
}

/// One arm for each change: the function's body, with the change.
fn bodies(
    text: &mut String,
    source: &Source,
    function: usize,
    changes: &[&Change],
    switch: &str,
) -> Result<BTreeMap<u32, Range<usize>>> {
    let function = &source.functions[function];
    let mut bodies = BTreeMap::new();
    for (depth, change) in changes.iter().enumerate() {
        let before = source.text.get(function.body.start..change.range.start);
        let after = source.text.get(change.range.end..function.body.end);
        let before = before.context("the change is not in the function")?;
        let after = after.context("the change is not in the function")?;
        let nested = nest(function.returns, switch, depth, Some(()));
        write!(text, " {} => {nested}{{", change.number)?;
        let start = text.len();
        write!(text, "{before}{}{after}", change.replacement)?;
        bodies.insert(change.number, start..text.len());
        write!(text, "}}{}", unnest(function.returns, depth + 1))?;
        // A block that is an arm needs no comma, and a call does.
        text.push(',');
    }
    Ok(bodies)
}

/// Iterators of different types are one of either: the third of four is `Right(Right(Left(it)))`.
fn nest(returns: Returns, switch: &str, depth: usize, left: Option<()>) -> String {
    if returns == Returns::Named {
        return String::new();
    }
    let mut nested = format!("{switch}::Either::Right(").repeat(depth);
    if left.is_some() {
        nested += &format!("{switch}::Either::Left(");
    }
    nested
}

fn unnest(returns: Returns, depth: usize) -> String {
    match returns {
        Returns::Named => String::new(),
        _ => ")".repeat(depth),
    }
}
