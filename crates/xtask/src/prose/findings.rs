use super::{
    phrases::{PHRASES, Phrase},
    pieces::{Kind, Piece, of_markdown, of_rust},
};

/// One place in a file, with the phrase and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Openings of a summary that is a question.
const QUESTIONS: &[&str] = &["What", "How", "Whether", "Why", "Which", "Who"];

/// Returns the findings in a file. The path is relative to the workspace.
pub(super) fn findings(path: &str, text: &str) -> Vec<Finding> {
    let is_rust = path.ends_with(".rs");
    let pieces = if is_rust { of_rust(text) } else { of_markdown(text) };
    let mut findings: Vec<_> = pieces.iter().flat_map(phrases).collect();
    if may_name_no_bugs(path) {
        findings.extend(pieces.iter().filter(|piece| piece.kind != Kind::Text).flat_map(bug_numbers));
    }
    if is_rust {
        findings.extend(questions(text, &pieces));
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// The numbers of Lucia JS's bugs are explained in the porting guide, and may name tests.
fn may_name_no_bugs(path: &str) -> bool {
    let is_test = path.contains("/tests/") || path.contains("/benches/") || path.ends_with("/tests.rs");
    !is_test && path != "docs/porting-from-lucia-js.md" && path != "adapter-tests/MAPPING.md"
}

fn phrases(piece: &Piece) -> Vec<Finding> {
    let (words, lines) = words(piece);
    let matches = |phrase: &Phrase, at: usize| {
        let length = phrase.text.split(' ').count();
        let follows =
            |other: usize, exceptions: &[&str]| words.get(other).is_some_and(|word| exceptions.contains(&&**word));
        words[at..].iter().map(String::as_str).take(length).eq(phrase.text.split(' '))
            && !follows(at.wrapping_sub(1), phrase.except_after)
            && !follows(at + length, phrase.except_before)
    };
    let found = (0..words.len())
        .flat_map(|at| PHRASES.iter().filter(move |phrase| matches(phrase, at)).map(move |phrase| (at, phrase)));
    found
        .map(|(at, phrase)| Finding { line: lines[at], text: format!("\"{}\": write {}", phrase.text, phrase.instead) })
        .collect()
}

/// The words of a piece in lower case, each with its line. Inline code is one word, and so is the end of a sentence.
fn words(piece: &Piece) -> (Vec<String>, Vec<usize>) {
    let (mut words, mut lines) = (Vec::new(), Vec::new());
    let mut is_code = false;
    for (line, text) in (piece.start..).zip(&piece.lines) {
        for (index, part) in text.split('`').enumerate() {
            is_code ^= index > 0;
            let part = if is_code { "`" } else { part };
            for word in part.split_whitespace() {
                let bare = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '`');
                words.push(bare.to_lowercase());
                lines.push(line);
                if word.ends_with(['.', ',', ';', ':', '?', '!', ')']) {
                    words.push(".".to_owned());
                    lines.push(line);
                }
            }
        }
    }
    (words, lines)
}

/// `(bug C8)`, `bugs C8, R5`, `(R5)`.
fn bug_numbers(piece: &Piece) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, text) in (piece.start..).zip(&piece.lines) {
        for (start, _) in text.match_indices(|character: char| "CKPRSU".contains(character)) {
            let digits = text[start + 1..].find(|character: char| !character.is_ascii_digit());
            let end = digits.map_or(text.len(), |digits| start + 1 + digits);
            let before = text[..start]
                .trim_end_matches(|character: char| character.is_ascii_digit() || "CKPRSU, ".contains(character));
            let is_number = (2..=3).contains(&(end - start)) && !text[..start].ends_with(char::is_alphanumeric);
            let is_bug = before.ends_with("bug")
                || before.ends_with("bugs")
                || (before.ends_with('(') && text[end..].starts_with([')', ',']));
            if is_number && is_bug {
                findings.push(Finding {
                    line,
                    text: format!("bug number {}: describe the bug, or leave it out", &text[start..end]),
                });
            }
        }
    }
    findings
}

/// Summaries of public items that begin with a question.
fn questions(text: &str, pieces: &[Piece]) -> Vec<Finding> {
    let lines: Vec<_> = text.lines().collect();
    let is_public = |piece: &Piece| {
        let after = (piece.start + piece.lines.len() - 1).min(lines.len());
        let mut code = lines[after..].iter().map(|line| line.trim_start());
        let item = code.find(|line| !line.starts_with("#[") && !line.starts_with("//"));
        let is_method = || {
            item.is_some_and(|item| item.starts_with("fn ") || item.starts_with("async fn "))
                && in_public_trait(&lines[..after])
        };
        item.is_some_and(|item| item.starts_with("pub ")) || is_method()
    };
    let docs = pieces.iter().filter(|piece| piece.kind == Kind::Doc && is_public(piece));
    let found = docs.filter_map(|piece| {
        let first = piece.lines.first()?.split_whitespace().next()?;
        QUESTIONS.contains(&first).then(|| Finding {
            line: piece.start,
            text: format!("summary that begins with \"{first}\": begin with a verb (\"Returns\", \"Sets\") or a noun"),
        })
    });
    found.collect()
}

/// Whether the last item that begins above is a public trait.
fn in_public_trait(lines: &[&str]) -> bool {
    let is_item = |line: &&&str| line.starts_with(|character: char| character.is_alphabetic() || character == '}');
    lines.iter().rev().find(is_item).is_some_and(|line| line.starts_with("pub trait "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        findings(path, text).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn phrases_are_found_in_comments_strings_and_pages() {
        for text in [
            "// What is no text.",
            "// The id is no such identifier.",
            "/// A key that is\n/// none of ours.",
            "fn f() -> &'static str { \"no such session\" }",
            "// It lists it not.",
            "//! No connection is to be had.",
            "let s = \"the URL is none\";",
        ] {
            assert!(!found("a.rs", text).is_empty(), "{text}");
        }
        assert_eq!(found("README.md", "fine\n\na server fails\nof that"), [3]);
    }

    #[test]
    fn good_english_is_not_found() {
        for text in [
            "// There is no session, and if there is none, it is no longer asked. There is no such key.",
            "// It is `no such` thing; whether it is. No error: is it? Not here.",
            "const SQLITE: &str = \"no such table: User\";",
            "fn is_no_table() { f(is, no, text) }",
            "// Maybe it would be. It is one.",
        ] {
            assert_eq!(found("a.rs", text), [0; 0], "{text}");
        }
        assert_eq!(found("README.md", "```text\nis no error\n```\n"), [0; 0]);
    }

    #[test]
    fn bug_numbers_are_found_outside_tests() {
        let text = "/// Refused (bug C8), as bugs R5, U1 show.\n// (S2)\n";
        assert_eq!(found("crates/a/src/a.rs", text), [1, 1, 1, 2]);
        for path in ["crates/a/tests/a.rs", "crates/a/src/b/tests.rs", "docs/porting-from-lucia-js.md"] {
            assert_eq!(found(path, text), [0; 0], "{path}");
        }
        assert_eq!(found("README.md", "S3, R2 and D1 (of Cloudflare), RFC 6265 (HTTP), P(S), (57P05, 4031)\n"), [0; 0]);
    }

    #[test]
    fn questions_are_found_in_summaries_of_public_items() {
        let public = "/// Whether it is.\n#[must_use]\npub fn is() -> bool {}\n";
        assert_eq!(found("a.rs", public), [1]);
        assert_eq!(found("a.rs", &public.replace("pub fn", "pub(crate) fn")), [0; 0]);
        assert_eq!(found("a.rs", &public.replace("Whether", "Returns whether")), [0; 0]);
        let method = "pub trait T {\n    /// How long.\n    fn long(&self);\n}\n";
        assert_eq!(found("a.rs", method), [2]);
        assert_eq!(found("a.rs", &method.replace("pub trait", "trait")), [0; 0]);
    }
}
