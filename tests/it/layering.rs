//! The house stays the house: rooms import inwards only, and the tree stays tidy.

use std::path::{Path, PathBuf};

/// Rooms of the core, inner to outer.
const ROOMS: &[&str] =
    &["error", "model", "schema", "fact", "graph", "analysis", "command", "process", "store", "engine"];
/// What each crate may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("cmdb-core", &[]),
    // The runner of the conformance scenarios serves its own tests.
    ("cmdb-query", &["cmdb-core", "cmdb-tck"]),
    ("cmdb-import", &["cmdb-core"]),
    ("cmdb-ui", &[]),
    ("cmdb-server", &["cmdb-core", "cmdb-import", "cmdb-query", "cmdb-ui"]),
    ("cmdb-cli", &["cmdb-core", "cmdb-server"]),
    ("benches", &["cmdb-core", "cmdb-import", "cmdb-query"]),
    ("tests/tck", &["cmdb-query"]),
    ("tests", &["cmdb-cli", "cmdb-core", "cmdb-query", "cmdb-tck"]),
];
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true if !path.ends_with("target") && !path.ends_with("node_modules") => sources(&path, out),
            false if path.extension().is_some_and(|e| e == "rs") => out.push(path),
            _ => {}
        }
    }
}

/// A file's text without its tests.
fn product(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file");
    text.split("#[cfg(test)]").next().unwrap_or("").to_owned()
}

fn is_test(path: &Path) -> bool {
    path.components()
        .any(|c| matches!(c.as_os_str().to_str(), Some("tests" | "tests.rs" | "testing" | "testing.rs")))
}

#[test]
fn an_inner_room_never_imports_an_outer_one() {
    let core = root().join("cmdb-core/src");
    let mut files = Vec::new();
    sources(&core, &mut files);
    assert!(files.len() > 50, "the core was found");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|f| !is_test(f.strip_prefix(&core).expect("inside"))) {
        let inside = file.strip_prefix(&core).expect("inside");
        let first =
            inside.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(room) = ROOMS.iter().position(|r| *r == first) else { continue };
        for (at, line) in product(file).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for outer in ROOMS.iter().skip(room + 1) {
                if line.contains(&format!("crate::{outer}::"))
                    || line.contains(&format!("use crate::{outer};"))
                {
                    wrong.push(format!("{}:{}: {} imports {outer}", inside.display(), at + 1, ROOMS[room]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_depend_downwards_only_and_redb_has_one_home() {
    for (name, allowed) in CRATES {
        let manifest = std::fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        for line in manifest.lines().filter(|l| l.starts_with("cmdb-")) {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or("");
            assert!(allowed.contains(&dependency), "{name} depends on {dependency}");
        }
    }
    let mut files = Vec::new();
    ["cmdb-core", "cmdb-query", "cmdb-import", "cmdb-server", "cmdb-cli"]
        .iter()
        .for_each(|c| sources(&root().join(c).join("src"), &mut files));
    for file in files {
        let names_redb =
            product(&file).lines().any(|l| !l.trim_start().starts_with("//") && l.contains("redb::"));
        assert!(!names_redb || file.to_string_lossy().contains("/store/"), "{} names redb", file.display());
    }
}

#[test]
fn files_stay_small_and_rooms_have_names_of_their_own() {
    let mut files = Vec::new();
    CRATES.iter().for_each(|(c, _)| sources(&root().join(c), &mut files));
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        assert!(text.lines().count() <= LINES_MAX, "{} is over {LINES_MAX} lines", file.display());
        let name = file.file_stem().and_then(|n| n.to_str()).unwrap_or("");
        assert!(
            !matches!(name, "util" | "utils" | "common" | "helpers" | "misc" | "mod"),
            "{}",
            file.display()
        );
        assert!(
            text.starts_with("//!") || text.starts_with("#!["),
            "{} does not say what it is for",
            file.display()
        );
    }
}
