//! A file of Rust: where its functions' bodies are.

use std::ops::Range;

use anyhow::{Context, Result};
use syn::{
    Block, ImplItemFn, ItemFn, ReturnType, Signature, TraitItemFn, Type, TypeParamBound,
    visit::{self, Visit},
};

use crate::mutant::{Place, Position};

/// The text of a file and the functions in it.
#[derive(Debug)]
pub struct Source {
    /// The text.
    pub text: String,
    /// Every function that has a body; one inside another comes after it.
    pub functions: Vec<Function>,
    lines: Vec<usize>,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// What is between its braces, in bytes.
    pub body: Range<usize>,
    /// What it returns.
    pub returns: Returns,
}

/// Whether a function's return type says all of what it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// A type that has a name.
    Named,
    /// `impl Iterator`: each body has a type of its own.
    Iterator,
    /// Another `impl Trait`.
    Opaque,
}

impl Source {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// It is not Rust.
    pub fn parse(text: String) -> Result<Self> {
        let file = syn::parse_file(&text)?;
        let mut found = Found::default();
        found.visit_file(&file);
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Ok(Self {
            text,
            functions: found.functions,
            lines,
        })
    }

    /// The bytes of a place.
    ///
    /// # Errors
    ///
    /// The file is not the one that the place is in.
    pub fn range(&self, place: Place) -> Result<Range<usize>> {
        Ok(self.offset(place.start)?..self.offset(place.end)?)
    }

    /// The innermost function whose body a place is in.
    pub fn function(&self, range: &Range<usize>) -> Option<usize> {
        let around = self.functions.iter().enumerate().filter(|(_, function)| {
            function.body.start <= range.start && range.end <= function.body.end
        });
        let innermost = around.min_by_key(|(_, function)| function.body.len());
        innermost.map(|(index, _)| index)
    }

    fn offset(&self, position: Position) -> Result<usize> {
        let line = position.line.checked_sub(1);
        let start = *line
            .and_then(|line| self.lines.get(line))
            .context("no such line")?;
        let rest = self.text.get(start..).context("no such line")?;
        let before = rest.chars().take(position.column.saturating_sub(1));
        Ok(start + before.map(char::len_utf8).sum::<usize>())
    }
}

#[derive(Default)]
struct Found {
    functions: Vec<Function>,
}

impl Found {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let braces = block.brace_token.span;
        self.functions.push(Function {
            body: braces.open().byte_range().end..braces.close().byte_range().start,
            returns: returns(signature),
        });
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn returns(signature: &Signature) -> Returns {
    #[derive(Default)]
    struct Opaque {
        anywhere: bool,
    }
    impl<'ast> Visit<'ast> for Opaque {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.anywhere = true;
        }
    }

    let ReturnType::Type(_, returned) = &signature.output else {
        return Returns::Named;
    };
    if let Type::ImplTrait(opaque) = &**returned {
        let iterates = opaque.bounds.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                let last = bound.path.segments.last();
                last.is_some_and(|name| name.ident == "Iterator")
            }
            _ => false,
        });
        return if iterates {
            Returns::Iterator
        } else {
            Returns::Opaque
        };
    }
    let mut opaque = Opaque::default();
    opaque.visit_type(returned);
    if opaque.anywhere {
        Returns::Opaque
    } else {
        Returns::Named
    }
}
