//! The words and phrases that CONTRIBUTING.md asks for, where a program can tell.

mod phrases;
mod pieces;
mod findings;

use std::fs;

use self::findings::findings;
use crate::tree;

/// Its own list, and what others wrote.
const EXEMPT: &[&str] = &["crates/xtask/src/prose/phrases.rs", "crates/xtask/src/prose/findings.rs"];

/// Prints each finding with its file and line.
pub(crate) fn check() -> Result<(), String> {
    let mut count = 0;
    for path in tree::files(tree::root())? {
        let name = path.strip_prefix(tree::root()).unwrap_or(&path).to_string_lossy().into_owned();
        let is_prose = name.ends_with(".rs") || name.ends_with(".md");
        if !is_prose || EXEMPT.contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        for finding in findings(&name, &text) {
            println!("{name}:{}: {}", finding.line, finding.text);
            count += 1;
        }
    }
    if count == 0 { Ok(()) } else { Err(format!("{count} findings; see CONTRIBUTING.md")) }
}
