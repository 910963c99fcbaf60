//! The guides of this folder, and the README, compiled and run as tests.

#[doc = include_str!("../../README.md")]
pub mod readme {}

#[doc = include_str!("../getting-started.md")]
pub mod getting_started {}

#[doc = include_str!("../database.md")]
pub mod database {}

#[doc = include_str!("../prisma.md")]
pub mod prisma {}

#[doc = include_str!("../porting-from-lucia-js.md")]
pub mod porting_from_lucia_js {}

#[doc = include_str!("../architecture.md")]
pub mod architecture {}

#[doc = include_str!("../writing-an-adapter.md")]
pub mod writing_an_adapter {}

#[doc = include_str!("../benchmarks.md")]
pub mod benchmarks {}

#[doc = include_str!("../cloudflare-workers.md")]
pub mod cloudflare_workers {}

#[doc = include_str!("../security.md")]
pub mod security {}

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
        for guide in guides {
            assert!(include_str!("lib.rs").contains(&format!("(\"../{guide}\")")), "{guide} is not compiled");
        }
    }
}
