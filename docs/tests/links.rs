//! Tests that links between the pages of the repository lead somewhere, and that no guide is a dead end.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn guides() -> Vec<PathBuf> {
    markdown_in(&root().join("docs"))
}

/// Returns the guides, the pages of the repository and the READMEs of the crates.
fn pages() -> Vec<PathBuf> {
    let mut pages = [guides(), markdown_in(&root()), markdown_in(&root().join("adapter-tests"))].concat();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        pages.extend(markdown_in(&entry.unwrap().path()));
    }
    pages
}

/// Returns the text of a page without its blocks of code.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    text.split("```").step_by(2).collect()
}

/// Returns the targets of the links to files and headings.
fn links(prose: &str) -> Vec<&str> {
    let targets = prose.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    targets.filter(|target| !target.contains("://") && !target.contains("::")).collect()
}

/// Returns the fragment by which a heading is linked.
fn fragment(heading: &str) -> String {
    let kept = heading.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_to_a_file_or_heading_of_the_repository_resolves() {
    let mut count = 0;
    for page in pages() {
        for link in links(&prose(&page)) {
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            if let Some(heading) = heading.filter(|_| target.is_file()) {
                let prose = prose(&target);
                let mut headings = prose.lines().filter_map(|line| line.strip_prefix('#'));
                assert!(
                    headings.any(|text| fragment(text.trim_start_matches('#')) == heading),
                    "{}: {link}",
                    page.display()
                );
            }
            count += 1;
        }
    }
    assert!(count > 100, "{count} links");
}

#[test]
fn every_guide_leads_on_to_another_and_is_in_the_readme() {
    let readme = prose(&root().join("README.md"));
    let guides = guides();
    for guide in &guides {
        let name = guide.file_name().unwrap().to_str().unwrap();
        assert!(links(&readme).contains(&format!("docs/{name}").as_str()), "{name} is not in the README");
        let prose = prose(guide);
        let (_, next) = prose.rsplit_once("\n## Next\n").unwrap_or_else(|| panic!("{name} does not lead on"));
        let leads_on = links(next).iter().any(|link| guides.contains(&guide.with_file_name(link)) && *link != name);
        assert!(leads_on, "{name} does not lead on");
    }
}
