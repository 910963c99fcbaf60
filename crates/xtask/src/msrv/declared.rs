//! Checks of declared Rust versions without their toolchains.
//!
//! The lint `clippy::incompatible_msrv` covers the standard library, but not syntax.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::tree::{self, OUTSIDE};

/// A crate of this repository.
#[derive(Debug)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    pub(crate) rust_version: String,
    is_published: bool,
    /// The highest version that a dependency declares, with the name of the dependency.
    needs: Option<(String, String)>,
}

/// The first version with `if let .. && ..`.
const LET_CHAINS: (u32, u32) = (1, 88);

/// Returns all crates that declare a version. A published crate must declare one.
pub(crate) fn crates() -> Result<Vec<Crate>, String> {
    let mut crates = read(Path::new("Cargo.toml"))?;
    for outside in OUTSIDE {
        crates.extend(read(Path::new(outside))?);
    }
    Ok(crates)
}

/// Checks that no dependency needs a newer version, that the READMEs state the same version, and that crates with an
/// old version have no let chains.
pub(crate) fn check() -> Result<(), String> {
    let readme = fs::read_to_string(tree::root().join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    let mut faults = Vec::new();
    for one in crates()? {
        faults.extend(one.faults(&readme)?);
    }
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{} faults", faults.len())) }
}

fn read(manifest: &Path) -> Result<Vec<Crate>, String> {
    let output = tree::cargo()
        .args(["metadata", "--format-version=1", "--all-features", "--locked", "--manifest-path"])
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let by_id = |list: Vec<Value>| -> BTreeMap<String, Value> {
        list.into_iter().map(|item| (text(&item["id"]), item)).collect()
    };
    let (packages, nodes) = (by_id(list(&metadata["packages"])), by_id(list(&metadata["resolve"]["nodes"])));
    let members = list(&metadata["workspace_members"]);
    let declaring = members.iter().filter_map(|id| packages.get(id.as_str()?)).filter_map(|package| {
        let needs = || highest(&text(&package["id"]), &packages, &nodes);
        Crate::declared(package, needs).transpose()
    });
    let found = declaring.collect::<Result<Vec<_>, _>>()?;
    if members.is_empty() { Err(format!("{} has no members", manifest.display())) } else { Ok(found) }
}

/// Returns the highest version that a dependency of a package declares, without development dependencies.
fn highest(
    package: &str,
    packages: &BTreeMap<String, Value>,
    nodes: &BTreeMap<String, Value>,
) -> Option<(String, String)> {
    let mut seen = vec![package.to_owned()];
    let mut next = 0;
    while let Some(node) = seen.get(next).and_then(|id| nodes.get(id)) {
        for dependency in node["deps"].as_array().into_iter().flatten() {
            let id = text(&dependency["pkg"]);
            let kinds = dependency["dep_kinds"].as_array();
            let is_used = kinds.into_iter().flatten().any(|kind| kind["kind"] != "dev");
            if is_used && !seen.contains(&id) {
                seen.push(id);
            }
        }
        next += 1;
    }
    let others = seen[1..].iter().filter_map(|id| packages.get(id));
    let declared = others.filter_map(|other| Some((other["rust_version"].as_str()?.to_owned(), text(&other["name"]))));
    declared.max_by_key(|(version, _)| number(version))
}

impl Crate {
    /// Returns the crate of a package, if it declares a version.
    fn declared(package: &Value, needs: impl FnOnce() -> Option<(String, String)>) -> Result<Option<Self>, String> {
        let name = text(&package["name"]);
        // Cargo prints the allowed registries, or null for all.
        let is_published = package["publish"].as_array().is_none_or(|registries| !registries.is_empty());
        match package["rust_version"].as_str() {
            Some(version) => Ok(Some(Self {
                name,
                manifest: text(&package["manifest_path"]).into(),
                rust_version: version.to_owned(),
                is_published,
                needs: needs(),
            })),
            None if is_published => Err(format!("{name} is published but declares no Rust version")),
            None => Ok(None),
        }
    }

    fn faults(&self, root_readme: &str) -> Result<Vec<String>, String> {
        let Self { name, rust_version, .. } = self;
        let mut faults = Vec::new();
        if let Some((needed, dependency)) = self.needs.as_ref().filter(|needs| number(&needs.0) > number(rust_version))
        {
            faults.push(format!("{name} declares Rust {rust_version}, but {dependency} needs {needed}"));
        }
        let folder = self.manifest.parent().unwrap_or(Path::new("."));
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        faults.extend(self.faults_of_readmes(&readme, root_readme));
        if number(rust_version) < LET_CHAINS {
            let mut sources = tree::files(&folder.join("src"))?;
            sources.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
            let chains = let_chains(&sources)?;
            faults.extend(
                chains.iter().map(|at| format!("{name} declares Rust {rust_version}, but has a let chain: {at}")),
            );
        }
        Ok(faults)
    }

    /// Compares the version with its own README and the README of the repository. A published crate must state it in both.
    fn faults_of_readmes(&self, own: &str, root: &str) -> Vec<String> {
        let Self { name, rust_version, is_published, .. } = self;
        let stated = own.lines().find_map(|line| line.strip_prefix("Minimum Rust version: "));
        let row = root.lines().find(|line| line.starts_with(&format!("| [`{name}`]")));
        let agrees = [
            ("its README", stated.map(|stated| starts_with_version(stated, rust_version))),
            ("README.md", row.map(|row| row.ends_with(&format!("| {rust_version} |")))),
        ];
        let faults = agrees.into_iter().filter_map(|(place, agrees)| match agrees {
            Some(false) => Some(format!("{name} declares Rust {rust_version}, but {place} states another version")),
            None if *is_published => {
                Some(format!("{name} declares Rust {rust_version}, but {place} does not state it"))
            }
            Some(true) | None => None,
        });
        faults.collect()
    }
}

/// Returns where the parser of edition 2021, which has no let chains, rejects sources.
fn let_chains(sources: &[PathBuf]) -> Result<BTreeSet<String>, String> {
    let rustfmt = Path::new(tree::cargo().get_program()).with_file_name("rustfmt");
    let mut command = Command::new(rustfmt);
    command.args(["--check", "--edition", "2021", "--style-edition", "2024", "--config-path"]).arg(tree::root());
    let output = command.args(sources).output().map_err(|error| format!("rustfmt could not be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let places: BTreeSet<_> =
        said.lines().filter_map(|line| line.trim().strip_prefix("--> ")).map(str::to_owned).collect();
    if places.is_empty() && !output.status.success() { Err(format!("rustfmt failed: {said}")) } else { Ok(places) }
}

fn starts_with_version(text: &str, version: &str) -> bool {
    text.strip_prefix(version)
        .is_some_and(|rest| rest.starts_with([',', '.']) && !rest[1..].starts_with(|next: char| next.is_ascii_digit()))
}

/// Returns the major and the minor version.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(number("1.100") > number("1.88") && number("1.88.1") == number("1.88"));
        assert!(starts_with_version("1.88.", "1.88") && starts_with_version("1.94, that of sqlx 0.9.", "1.94"));
        assert!(!starts_with_version("1.88.", "1.8") && !starts_with_version("1.8.8", "1.8"));
    }

    fn package(publish: &Value, rust_version: &Value) -> Value {
        json!({"name": "one", "manifest_path": "one/Cargo.toml", "publish": publish, "rust_version": rust_version})
    }

    #[test]
    fn a_published_crate_declares_a_version_and_both_readmes_state_it() {
        let declared = |publish, version| Crate::declared(&package(&publish, &version), || None);
        declared(json!(null), json!(null)).unwrap_err();
        assert!(declared(json!([]), json!(null)).unwrap().is_none());
        let published = declared(json!(null), json!("1.88")).unwrap().unwrap();
        let private = declared(json!([]), json!("1.88")).unwrap().unwrap();
        let (own, row) = ("# one\n\nMinimum Rust version: 1.88.\n", "| [`one`](one) | what | 1.88 |\n");
        let (other, other_row) = (own.replace("1.88", "1.89"), row.replace("1.88", "1.89"));
        for (own, root, of_published, of_private) in [
            (own, row, 0, 0),
            ("# one\n", row, 1, 0),
            (own, "# Lucia\n", 1, 0),
            ("", "", 2, 0),
            (&other, row, 1, 1),
            (own, &other_row, 1, 1),
        ] {
            let faults = published.faults_of_readmes(own, root);
            assert_eq!(faults.len(), of_published, "{own} {root} {faults:?}");
            let faults = private.faults_of_readmes(own, root);
            assert_eq!(faults.len(), of_private, "{own} {root} {faults:?}");
        }
    }

    #[test]
    fn let_chains_are_found() {
        let folder = tree::target("msrv-tests");
        fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, condition: &str| {
            let file = folder.join(name);
            let body =
                format!("fn f(a: Option<u8>, b: bool) {{\n    if {condition} {{\n        drop(a);\n    }}\n}}\n");
            fs::write(&file, body).unwrap();
            [file]
        };
        assert!(let_chains(&write("single.rs", "let Some(_) = a")).unwrap().is_empty());
        let found = let_chains(&write("chain.rs", "let Some(_) = a && b")).unwrap();
        assert!(found.len() == 1 && found.first().unwrap().contains("chain.rs:2"), "{found:?}");
    }
}
