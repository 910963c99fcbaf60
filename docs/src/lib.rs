//! The guides of this folder, and the README, compiled and run as tests. Those of `getting-started.md`,
//! `postgres-and-redis.md`, `json-api.md` and `all-together.md` are applications, in `tests`.

#[doc = include_str!("../../README.md")]
pub mod readme {}

#[doc = include_str!("../passwords.md")]
pub mod passwords {}

#[doc = include_str!("../database.md")]
pub mod database {}

#[doc = include_str!("../sql-databases.md")]
pub mod sql_databases {}

#[doc = include_str!("../redis.md")]
pub mod redis {}

#[doc = include_str!("../object-stores.md")]
pub mod object_stores {}

#[doc = include_str!("../kv-over-http.md")]
pub mod kv_over_http {}

#[doc = include_str!("../own-migrations.md")]
pub mod own_migrations {}

#[doc = include_str!("../prisma.md")]
pub mod prisma {}

#[doc = include_str!("../porting-from-lucia-js.md")]
pub mod porting_from_lucia_js {}

#[doc = include_str!("../porting-checklist.md")]
pub mod porting_checklist {}

#[doc = include_str!("../architecture.md")]
pub mod architecture {}

#[doc = include_str!("../writing-an-adapter.md")]
pub mod writing_an_adapter {}

#[doc = include_str!("../operations.md")]
pub mod operations {}

#[doc = include_str!("../comparison.md")]
pub mod comparison {}

#[doc = include_str!("../benchmarks.md")]
pub mod benchmarks {}

#[doc = include_str!("../cloudflare-workers.md")]
pub mod cloudflare_workers {}

#[doc = include_str!("../re-authentication.md")]
pub mod re_authentication {}

#[doc = include_str!("../roles-and-bans.md")]
pub mod roles_and_bans {}

#[doc = include_str!("../devices.md")]
pub mod devices {}

#[doc = include_str!("../security.md")]
pub mod security {}

#[doc = include_str!("../throttling.md")]
pub mod throttling {}

#[doc = include_str!("../tokens.md")]
pub mod tokens {}

#[doc = include_str!("../unstorage.md")]
pub mod unstorage {}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn every_guide_is_compiled() {
        let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let guides: Vec<_> = names.filter(|name| name.ends_with(".md")).collect();
        assert!(!guides.is_empty());
        let applications = [
            include_str!("../tests/getting_started/main.rs"),
            include_str!("../tests/postgres_and_redis/main.rs"),
            include_str!("../tests/json_api/main.rs"),
            include_str!("../tests/all_together/main.rs"),
        ];
        let compiled = [include_str!("lib.rs"), &applications.concat()].concat();
        for guide in guides {
            assert!(compiled.contains(&format!("../{guide}\")")), "{guide} is not compiled");
        }
    }

    /// Only rustdoc hides such lines.
    #[test]
    fn no_markdown_shows_the_hidden_lines_of_an_example() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut pages = vec![root.join("README.md"), root.join("adapter-tests/README.md")];
        for entry in fs::read_dir(root.join("crates")).unwrap().chain(fs::read_dir(root.join("docs")).unwrap()) {
            let path = entry.unwrap().path();
            pages.push(if path.is_dir() { path.join("README.md") } else { path });
        }
        pages.retain(|page| page.exists() && page.extension().is_some_and(|extension| extension == "md"));
        assert!(pages.len() > 20, "{pages:?}");
        for page in pages {
            let text = fs::read_to_string(&page).unwrap();
            for block in text.split("```rust").skip(1) {
                let code = block.split("```").next().unwrap();
                let hidden = code.lines().find(|line| line.trim() == "#" || line.trim().starts_with("# "));
                assert_eq!(hidden, None, "{}", page.display());
            }
        }
    }

    /// The adapter crates re-export these items under names of their own, and their users do not depend on `lucia-sql`.
    #[test]
    fn documentation_that_adapters_re_export_does_not_name_the_sql_core() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lucia-sql/src");
        let mut documented = vec![source.join("setup_error.rs"), source.join("mismatch.rs"), source.join("refusal.rs")];
        for folder in ["config", "schema/check", "schema/create_tables"] {
            documented.extend(fs::read_dir(source.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
        }
        for path in documented {
            let text = fs::read_to_string(&path).unwrap();
            for line in text.lines().filter_map(|line| line.trim().strip_prefix("/// ")) {
                // Rustdoc shows neither hidden lines nor the targets of links.
                let shown = if line.starts_with("# ") { "" } else { line.split("](").next().unwrap() };
                let foreign = ["SqlConfig", "SqlAdapter", "SqlTokenAdapter", "SqlUserAdapter", "lucia_sql"];
                assert!(!foreign.iter().any(|name| shown.contains(name)), "{}: {line}", path.display());
            }
        }
    }
}
