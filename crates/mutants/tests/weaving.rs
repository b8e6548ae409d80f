//! Small texts in, woven texts out; and whose fault an error is.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use offpay_mutants::{
    compile::{self, blame},
    mutant::{Place, Position},
    source::{Returns, Source},
    weave::{Change, Woven, can_be_woven, weave},
};

/// The text, with `from` (which stands there once) replaced in each mutant.
fn woven(text: &str, changes: &[(&str, &str)]) -> Woven {
    let source = Source::parse(text.to_owned()).unwrap();
    let changes = changes
        .iter()
        .zip(1..)
        .map(|((from, to), number)| change(text, number, from, to));
    weave(&source, &changes.collect::<Vec<_>>(), "crate::woven").unwrap()
}

fn change(text: &str, number: u32, from: &str, to: &str) -> Change {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    let start = text.find(from).unwrap();
    Change {
        number,
        range: start..start + from.len(),
        replacement: to.to_owned(),
    }
}

/// Without regard to spaces.
fn assert_text(woven: &Woven, expected: &str) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&woven.text), words(expected));
    assert!(syn::parse_file(&woven.text).is_ok());
}

#[test]
fn a_function_s_value() {
    let text = "fn f() -> u8 { let x = 2; x }";
    let woven = woven(text, &[("let x = 2; x", "0"), ("x = 2; x", "x = 3; x")]);
    assert_text(
        &woven,
        "fn f() -> u8 { match crate::woven::at(1) {
            1 => { 0 }, 2 => { let x = 3; x }, _ => { let x = 2; x } } }",
    );
}

#[test]
fn an_operator_s_precedence_is_that_of_the_changed_text() {
    let woven = woven(
        "fn f(a: bool, b: bool, c: bool) -> bool { a || b && c }",
        &[("&&", "||"), ("||", "&&")],
    );
    assert_text(
        &woven,
        "fn f(a: bool, b: bool, c: bool) -> bool { match crate::woven::at(1) {
            1 => { a || b || c }, 2 => { a && b && c }, _ => { a || b && c } } }",
    );
}

#[test]
fn operators_with_one_side_and_those_that_assign() {
    let woven = woven(
        "fn f(x: &mut bool) { *x &= !*x; }",
        &[("!", ""), ("&=", "|=")],
    );
    assert_text(
        &woven,
        "fn f(x: &mut bool) { match crate::woven::at(1) {
            1 => { *x &= *x; }, 2 => { *x |= !*x; }, _ => { *x &= !*x; } } }",
    );
}

#[test]
fn arms_and_guards() {
    let woven = woven(
        "fn f(x: u8) -> u8 { match x { 1 => 5, y if y > 3 => y, _ => 0 } }",
        &[("1 => 5,", ""), ("y > 3", "true"), ("> 3", "< 3")],
    );
    assert_text(
        &woven,
        "fn f(x: u8) -> u8 { match crate::woven::at(1) {
            1 => { match x { y if y > 3 => y, _ => 0 } },
            2 => { match x { 1 => 5, y if true => y, _ => 0 } },
            3 => { match x { 1 => 5, y if y < 3 => y, _ => 0 } },
            _ => { match x { 1 => 5, y if y > 3 => y, _ => 0 } } } }",
    );
}

#[test]
fn fields_that_have_a_default() {
    let woven = woven("fn f(s: S) -> S { S { a: 1, ..s } }", &[("a: 1,", "")]);
    assert_text(
        &woven,
        "fn f(s: S) -> S { match crate::woven::at(1) { 1 => { S { ..s } }, _ => { S { a: 1, ..s } } } }",
    );
}

#[test]
fn chains_of_let_keep_their_names() {
    let woven = woven(
        "fn f(x: Option<u8>) -> bool { if let Some(y) = x && y > 3 { true } else { false } }",
        &[("y > 3", "y < 3")],
    );
    assert_text(
        &woven,
        "fn f(x: Option<u8>) -> bool { match crate::woven::at(1) {
            1 => { if let Some(y) = x && y < 3 { true } else { false } },
            _ => { if let Some(y) = x && y > 3 { true } else { false } } } }",
    );
}

#[test]
fn a_function_in_a_function_is_switched_by_itself() {
    let text = "fn f() -> u8 { fn g() -> u8 { 4 } g() + 1 }";
    let woven = woven(text, &[("4", "0"), ("+", "-")]);
    assert_text(
        &woven,
        "fn f() -> u8 { match crate::woven::at(2) {
            2 => { fn g() -> u8 { 4 } g() - 1 },
            _ => { fn g() -> u8 { match crate::woven::at(1) { 1 => { 0 }, _ => { 4 } } } g() + 1 } } }",
    );
}

#[test]
fn iterators_are_one_of_either() {
    let text = "fn f() -> impl Iterator<Item = u8> { [1, 2].into_iter() }";
    let body = "[1, 2].into_iter()";
    let woven = woven(
        text,
        &[(body, "::std::iter::empty()"), ("[1, 2]", "[1, 3]")],
    );
    assert_text(
        &woven,
        "fn f() -> impl Iterator<Item = u8> { match crate::woven::at(1) {
            1 => crate::woven::Either::Left({ ::std::iter::empty() }),
            2 => crate::woven::Either::Right(crate::woven::Either::Left({ [1, 3].into_iter() })),
            _ => crate::woven::Either::Right(crate::woven::Either::Right({ [1, 2].into_iter() })) } }",
    );
}

#[test]
fn what_has_no_switch_stays_as_it_is() {
    let text = "const A: u8 = 1 + 2; fn f() -> impl Fn() -> u8 { || 7 } fn g() -> Box<dyn Fn() -> u8> { Box::new(f()) }";
    let woven = woven(text, &[("+", "-"), ("7", "8")]);
    assert_eq!(woven.text, text);
    let source = Source::parse(text.to_owned()).unwrap();
    assert!(!can_be_woven(&source, &change(text, 1, "+", "-").range));
    assert!(can_be_woven(
        &source,
        &change(text, 1, "Box::new(f())", "").range
    ));
}

#[test]
fn what_is_in_a_type_counts_as_well() {
    let text = "fn f() -> Option<impl Fn()> { None } fn g(x: impl Fn()) -> Option<u8> { None }";
    let source = Source::parse(text.to_owned()).unwrap();
    let returns = source.functions.iter().map(|function| function.returns);
    assert_eq!(
        returns.collect::<Vec<_>>(),
        [Returns::Opaque, Returns::Named]
    );
}

#[test]
fn columns_are_characters() {
    let text = "fn f() {\n    \"ä€\"; 1 + 2;\n}\n";
    let source = Source::parse(text.to_owned()).unwrap();
    let place = Place {
        start: Position {
            line: 2,
            column: 13,
        },
        end: Position {
            line: 2,
            column: 14,
        },
    };
    assert_eq!(&text[source.range(place).unwrap()], "+");
}

fn error(text: &str, what: &str) -> compile::Error {
    compile::Error {
        message: "no".to_owned(),
        rendered: "no".to_owned(),
        places: vec![("f.rs".to_owned(), text.find(what).unwrap())],
    }
}

#[test]
fn an_error_in_a_mutant_s_body_is_that_mutant_s() {
    let text = "fn before() {} fn f() -> u8 { fn g() -> u8 { 4 } g() + 1 }";
    let woven = woven(text, &[("g() + 1", "red"), ("4", "blue"), ("+", "-")]);
    let errors = ["red", "blue"].map(|what| error(&woven.text, what));
    let text = woven.text;
    let functions = BTreeMap::from([("f.rs".to_owned(), woven.functions)]);
    let refused = blame(&errors, &functions);
    assert!(refused.unviable.keys().eq(&[1, 2]));
    assert!(refused.unknown.is_empty() && refused.elsewhere.is_empty());

    // Around the bodies: any of the function's, and of no other function.
    let refused = blame(&[error(&text, "match crate::woven::at(1)")], &functions);
    assert!(refused.unviable.is_empty());
    assert!(refused.unknown.iter().eq(&[1, 3]));

    let refused = blame(&[error(&text, "before")], &functions);
    assert_eq!(refused.elsewhere.len(), 1);
}

#[test]
fn an_error_in_an_iterator_s_body_says_nothing_of_the_mutant() {
    let woven = woven(
        "fn f() -> impl Iterator<Item = u8> { [1].into_iter() }",
        &[("[1].into_iter()", "red")],
    );
    let errors = [error(&woven.text, "red")];
    let functions = BTreeMap::from([("f.rs".to_owned(), woven.functions)]);
    let refused = blame(&errors, &functions);
    assert!(refused.unviable.is_empty());
    assert!(refused.unknown.iter().eq(&[1]));
}

#[test]
fn what_cargo_says() {
    let messages = r#"
{"reason":"compiler-message","package_id":"p","message":{"level":"error","message":"mismatched types","rendered":"all","spans":[
    {"file_name":"b.rs","byte_start":3,"byte_end":4,"is_primary":false,"expansion":null},
    {"file_name":"std.rs","byte_start":1,"byte_end":2,"is_primary":true,"expansion":{"span":
        {"file_name":"a.rs","byte_start":7,"byte_end":8,"is_primary":false,"expansion":null}}}]}}
{"reason":"compiler-message","message":{"level":"warning","message":"unused","rendered":"w","spans":[]}}
{"reason":"compiler-message","message":{"level":"error","message":"aborting","rendered":"a","spans":[]}}
{"reason":"compiler-artifact","manifest_path":"/w/p/Cargo.toml","profile":{"test":true},"target":{"name":"codes"},"executable":"/t/codes"}
{"reason":"compiler-artifact","manifest_path":"/w/p/Cargo.toml","profile":{"test":false},"target":{"name":"p"},"executable":null}
{"reason":"build-finished","success":false}"#;
    let messages = messages.replace("\n    ", "").replace("\n        ", "");
    let answer = compile::read(&messages);
    assert!(!answer.compiled);
    assert_eq!(answer.errors.len(), 1);
    let places = answer.errors[0].places.iter();
    let places = places.map(|(file, at)| (file.as_str(), *at));
    assert!(places.eq([("std.rs", 1), ("a.rs", 7), ("b.rs", 3)]));
    assert_eq!(answer.binaries.len(), 1);
    assert_eq!(answer.binaries[0].name, "codes");
    assert_eq!(answer.binaries[0].folder.to_str(), Some("/w/p"));
}
