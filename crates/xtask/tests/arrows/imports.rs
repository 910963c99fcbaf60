//! Which module imports what from which other.

use crate::tree::{Tree, Use};

/// One import, by a `use` declaration or by a path.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) from: usize,
    pub(crate) line: usize,
    /// The module that the path names.
    pub(crate) named: usize,
    /// The module that defines the item, behind every re-export.
    pub(crate) defining: usize,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Module(usize),
    Item {
        named: usize,
        defining: usize,
    },
    /// Another crate, or a name of the language.
    Outside,
}

/// Deeper chains of re-exports are circles.
const MAX_DEPTH: usize = 16;

/// Returns the imports of every module, or the path within the crate that leads nowhere.
pub(crate) fn imports(tree: &Tree) -> Result<Vec<Import>, String> {
    let mut imports = Vec::new();
    for (from, module) in tree.modules.iter().enumerate() {
        let resolve = |path: &[String], line| {
            let found = tree.resolve(from, path, 0);
            found.ok_or_else(|| format!("{}:{line}: `{}` not found", module.file.display(), path.join("::")))
        };
        for item in &module.uses {
            match resolve(&item.path, item.line)? {
                Found::Item { named, defining } if !tree.is_facade(from, item, defining) => {
                    imports.push(Import { from, line: item.line, named, defining });
                }
                Found::Module(named) if item.is_glob => {
                    imports.push(Import { from, line: item.line, named, defining: named });
                }
                Found::Module(_) | Found::Item { .. } | Found::Outside => {}
            }
        }
        for name in module.names.iter().filter(|name| name.path.len() > 1) {
            let is_written_out = matches!(name.path[0].as_str(), "crate" | "self" | "super");
            if !is_written_out && !matches!(tree.member(from, &name.path[0], 0), Some(Found::Module(_))) {
                // The `use` declaration of the item counts.
                continue;
            }
            if let Found::Item { named, defining } = resolve(&name.path, name.line)? {
                imports.push(Import { from, line: name.line, named, defining });
            }
        }
    }
    Ok(imports)
}

impl Tree {
    /// Follows a path from a module. `None` if it leads to nothing within the crate.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Found> {
        let mut module = from;
        let mut rest = path;
        while let [first, after @ ..] = rest {
            module = match first.as_str() {
                "crate" => 0,
                "self" => module,
                "super" => self.modules[module].parent?,
                _ => break,
            };
            rest = after;
        }
        let is_relative = rest.len() == path.len();
        let mut found = Found::Module(module);
        for segment in rest {
            let Found::Module(module) = found else { break };
            found = match self.member(module, segment, depth) {
                Some(Found::Item { defining, .. }) => Found::Item { named: module, defining },
                Some(found) => found,
                None if is_relative && module == from => Found::Outside,
                // A macro may have defined it.
                None if self.modules[module].has_macros => Found::Item { named: module, defining: module },
                None => return None,
            };
        }
        Some(found)
    }

    /// What a name is in a module.
    fn member(&self, module: usize, name: &str, depth: usize) -> Option<Found> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(child) = self.child(module, name) {
            return Some(Found::Module(child));
        }
        let Self { modules } = self;
        if modules[module].items.contains(name) {
            return Some(Found::Item { named: module, defining: module });
        }
        let mut uses = modules[module].uses.iter();
        // A name that imports itself is another crate's: `use serde; use serde::Serialize`.
        if let Some(item) = uses.find(|item| item.alias.as_deref() == Some(name) && item.path != [name]) {
            return self.resolve(module, &item.path, depth + 1);
        }
        let mut globs = modules[module].uses.iter().filter(|item| item.is_glob);
        globs.find_map(|glob| match self.resolve(module, &glob.path, depth + 1)? {
            Found::Module(other) => self.member(other, name, depth + 1),
            Found::Item { .. } => None,
            Found::Outside => Some(Found::Outside),
        })
    }

    /// Whether a module only passes on what one below it defines.
    fn is_facade(&self, module: usize, item: &Use, defining: usize) -> bool {
        let own = &self.modules[module];
        let is_below = self.modules[defining].path.starts_with(&own.path);
        let is_used = || own.names.iter().any(|name| Some(&name.path[0]) == item.alias.as_ref());
        item.is_reexport && is_below && !is_used()
    }
}
