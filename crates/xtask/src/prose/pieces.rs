//! The prose in a file: comments and strings of Rust, text of Markdown.

use std::mem;

/// Consecutive lines that are read as one text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// The number of the first line.
    pub(super) start: usize,
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Doc,
    Comment,
    Text,
    Page,
}

impl Piece {
    fn line(kind: Kind, start: usize, line: &str) -> Self {
        Self { kind, start, lines: vec![line.to_owned()] }
    }

    fn end(&self) -> usize {
        self.start + self.lines.len()
    }
}

/// Returns the paragraphs of a Markdown file. Code blocks are left out.
pub(super) fn of_markdown(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code && !line.trim().is_empty() {
            add(&mut pieces, Piece::line(Kind::Page, number, line));
        }
    }
    pieces
}

/// Returns the comments and the strings of a Rust file.
pub(super) fn of_rust(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut scanner = Scanner { rest: text, line: 1 };
    while let Some(character) = scanner.rest.chars().next() {
        let rest = scanner.rest;
        let start = scanner.line;
        if rest.starts_with("//") {
            let comment = scanner.take(rest.find('\n').unwrap_or(rest.len()));
            let (kind, comment) = comment_text(comment);
            add(&mut pieces, Piece::line(kind, start, comment));
        } else if rest.starts_with("/*") {
            scanner.take(rest.find("*/").map_or(rest.len(), |end| end + 2));
        } else if let Some(fence) = raw_string(rest) {
            let end = format!("\"{}", &fence[1..fence.len() - 1]);
            let body = &rest[fence.len()..];
            let length = body.find(&end).unwrap_or(body.len());
            pieces.push(Piece { kind: Kind::Text, start, lines: body[..length].lines().map(str::to_owned).collect() });
            scanner.take((fence.len() + length + end.len()).min(rest.len()));
        } else if character == '"' {
            let length = string_length(&rest[1..]);
            let body = rest[1..=length].lines().map(|line| line.trim_end_matches('\\').to_owned());
            pieces.push(Piece { kind: Kind::Text, start, lines: body.collect() });
            scanner.take((length + 2).min(rest.len()));
        } else if character == '\'' {
            scanner.take(character_length(rest));
        } else {
            let word = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
            scanner.take(word.max(character.len_utf8()));
        }
    }
    pieces
}

/// Continues the last piece with one that begins on the line after it.
fn add(pieces: &mut Vec<Piece>, mut piece: Piece) {
    match pieces.last_mut() {
        Some(last) if last.kind == piece.kind && last.end() == piece.start => {
            last.lines.append(&mut mem::take(&mut piece.lines));
        }
        _ => pieces.push(piece),
    }
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }
}

fn comment_text(comment: &str) -> (Kind, &str) {
    match comment.strip_prefix("//!").or_else(|| comment.strip_prefix("///").filter(|text| !text.starts_with('/'))) {
        Some(doc) => (Kind::Doc, doc),
        None => (Kind::Comment, comment.trim_start_matches('/')),
    }
}

/// `r#"` of a raw string.
fn raw_string(text: &str) -> Option<&str> {
    let hashes = text.strip_prefix('r')?.trim_start_matches('#');
    hashes.starts_with('"').then(|| &text[..=text.len() - hashes.len()])
}

/// The length of the body of a string, whose opening quote is left out.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    });
    end.unwrap_or(text.len().saturating_sub(1))
}

/// The length of a character in quotes, or of the quote of a lifetime.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => text[escaped + 1..].find('\'').map_or(1, |end| escaped + end + 2),
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pieces: &[Piece]) -> Vec<(Kind, usize, String)> {
        pieces.iter().map(|piece| (piece.kind, piece.start, piece.lines.join("|"))).collect()
    }

    #[test]
    fn comments_and_strings_are_found() {
        let text = "//! One.\n//! Two.\n\n/// Doc.\nfn f<'a>() { // Why\n    // not.\n    g('\"', '\\'', b'\\\\', \"a \\\" b\\\n    c\");\n}\n/* \" */ let r = r#\"x\"y\"#; let s = \"\";\n//// Four.";
        let expected = [
            (Kind::Doc, 1, " One.| Two."),
            (Kind::Doc, 4, " Doc."),
            (Kind::Comment, 5, " Why| not."),
            (Kind::Text, 7, "a \\\" b|    c"),
            (Kind::Text, 10, "x\"y"),
            (Kind::Text, 10, ""),
            (Kind::Comment, 11, " Four."),
        ];
        assert_eq!(texts(&of_rust(text)), expected.map(|(kind, line, text)| (kind, line, text.to_owned())));
    }

    #[test]
    fn paragraphs_are_found() {
        let pieces = of_markdown("# One\n\ntwo\nthree\n```rust\nlet four;\n```\nfive\n");
        let expected = [(1, "# One"), (3, "two|three"), (8, "five")];
        assert_eq!(texts(&pieces), expected.map(|(line, text)| (Kind::Page, line, text.to_owned())));
    }
}
