//! What breaks the rule.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use crate::{
    imports::Import,
    tree::{Module, Tree},
};

/// Returns the first import of each pair of modules that points up, and a circle for each set of files that import from
/// each other.
pub(crate) fn faults(tree: &Tree, imports: &[Import]) -> Vec<String> {
    let mut upward = BTreeMap::new();
    for import in imports {
        let points_up = |to: &&usize| is_listed_below(tree, **to, import.from);
        if let Some(to) = [import.named, import.defining].iter().find(points_up) {
            upward.entry((import.from, *to)).or_insert(import.line);
        }
    }
    let upward = upward.into_iter().map(|((from, to), line)| {
        let (from, to) = (&tree.modules[from], &tree.modules[to]);
        format!("{}:{line}: {} imports from {}, which is listed below it", from.file.display(), name(from), name(to))
    });
    upward.chain(circles(tree, imports)).collect()
}

/// Whether a module, or the folder that it is in, is listed below another one. Never of a folder and what is in it.
fn is_listed_below(tree: &Tree, module: usize, other: usize) -> bool {
    let (module, other) = (lineage(tree, module), lineage(tree, other));
    let parted = module.iter().zip(&other).find(|(one, another)| one != another);
    // Modules are read in the order of their declarations.
    parted.is_some_and(|(one, another)| one > another)
}

/// A module and those that it is in, the root first.
fn lineage(tree: &Tree, module: usize) -> Vec<usize> {
    let mut lineage: Vec<_> = std::iter::successors(Some(module), |module| tree.modules[*module].parent).collect();
    lineage.reverse();
    lineage
}

fn circles(tree: &Tree, imports: &[Import]) -> Vec<String> {
    let mut arrows: BTreeMap<&Path, BTreeMap<&Path, usize>> = BTreeMap::new();
    for import in imports {
        let (from, to) = (&tree.modules[import.from].file, &tree.modules[import.defining].file);
        if from != to {
            arrows.entry(from).or_default().entry(to).or_insert(import.line);
        }
    }
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for file in arrows.keys().copied() {
        if seen.contains(file) {
            continue;
        }
        let Some(circle) = shortest_circle(file, &arrows) else { continue };
        let steps = circle.iter().zip(circle.iter().cycle().skip(1));
        let steps: Vec<_> =
            steps.map(|(from, to)| format!("{}:{} -> {}", from.display(), arrows[from][to], to.display())).collect();
        circles.push(format!("circle: {}", steps.join(", ")));
        seen.extend(circle);
    }
    circles
}

fn shortest_circle<'a>(
    start: &'a Path,
    arrows: &BTreeMap<&'a Path, BTreeMap<&'a Path, usize>>,
) -> Option<Vec<&'a Path>> {
    let next = |file: &Path| arrows.get(file).into_iter().flatten().map(|(to, _)| *to);
    let mut paths = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        for to in next(path[path.len() - 1]) {
            if to == start {
                return Some(path);
            }
            if seen.insert(to) {
                paths.push_back([&path[..], &[to]].concat());
            }
        }
    }
    None
}

fn name(module: &Module) -> String {
    if module.path.is_empty() { "the root".to_owned() } else { format!("`{}`", module.path.join("::")) }
}
