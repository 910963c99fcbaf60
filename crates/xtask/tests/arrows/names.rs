//! Paths in tokens, those in macros included.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A path, `a::b`, or a name alone.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// Adds every path of the tokens that begins with a name in scope.
pub(crate) fn collect(names: &mut Vec<Name>, tokens: TokenStream) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut rest = &tokens[..];
    while let Some((token, after)) = rest.split_first() {
        // A path that goes on after generic arguments, or begins with another crate.
        if let Some(after) = after_colons(rest) {
            rest = path(after).1;
            continue;
        }
        match token {
            TokenTree::Ident(first) => {
                let (path, after) = path(rest);
                rest = after;
                let line = first.span().start().line;
                if let Some((group, after)) = group_of_paths(rest) {
                    collect_below(names, &path, group);
                    rest = after;
                } else {
                    names.push(Name { path, line });
                }
            }
            TokenTree::Punct(dot) if dot.as_char() == '.' => rest = after_dot(after),
            TokenTree::Group(group) => {
                collect(names, group.stream());
                rest = after;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => rest = after,
        }
    }
}

/// The path that the tokens begin with; empty if there is none.
fn path(mut tokens: &[TokenTree]) -> (Vec<String>, &[TokenTree]) {
    let mut path = Vec::new();
    while let [TokenTree::Ident(segment), after @ ..] = tokens {
        path.push(segment.to_string().trim_start_matches("r#").to_owned());
        tokens = after;
        match after_colons(tokens) {
            Some(after @ [TokenTree::Ident(_), ..]) => tokens = after,
            _ => break,
        }
    }
    (path, tokens)
}

/// Skips the field or method after a dot, and none after the dots of a range.
fn after_dot(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [TokenTree::Ident(_), after @ ..] => after,
        [TokenTree::Punct(dot), after @ ..] if dot.as_char() == '.' => after,
        _ => tokens,
    }
}

/// `{b, c::d}` of `a::{b, c::d}`, a `use` within a function.
fn collect_below(names: &mut Vec<Name>, start: &[String], group: &Group) {
    let mut below = Vec::new();
    collect(&mut below, group.stream());
    names.extend(below.into_iter().map(|name| Name {
        path: start.iter().cloned().chain(name.path.into_iter().filter(|segment| segment != "self")).collect(),
        line: name.line,
    }));
}

fn group_of_paths(tokens: &[TokenTree]) -> Option<(&Group, &[TokenTree])> {
    match after_colons(tokens)?.split_first()? {
        (TokenTree::Group(group), after) if group.delimiter() == Delimiter::Brace => Some((group, after)),
        _ => None,
    }
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [TokenTree::Punct(first), TokenTree::Punct(second), rest @ ..]
            if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':' =>
        {
            Some(rest)
        }
        _ => None,
    }
}
