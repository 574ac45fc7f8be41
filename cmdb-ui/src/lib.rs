//! The page as files: path, media type and bytes, compressed beforehand. Nothing here knows HTTP or the inventory;
//! `cmdb-server` serves these files, and the page itself is a plain client of the API.

/// One file of the page.
#[derive(Debug)]
pub struct Asset {
    /// Below the root, with `/` between folders and none in front.
    pub path: &'static str,
    pub media: &'static str,
    pub plain: &'static [u8],
    pub brotli: Option<&'static [u8]>,
    pub gzip: Option<&'static [u8]>,
}

/// Sorted by path.
static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Every file of the page.
pub fn assets() -> &'static [Asset] {
    ASSETS
}

/// The file at this path.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|at| &ASSETS[at])
}

/// The document that starts the page; every address of the page is answered with it.
pub fn shell() -> &'static str {
    asset("index.html").and_then(|asset| std::str::from_utf8(asset.plain).ok()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First view at most, compressed: the shell, what it loads at once, and the style sheets.
    const FIRST_VIEW_BYTES_MAX: usize = 60_000;

    fn size(asset: &Asset) -> usize {
        asset.brotli.or(asset.gzip).unwrap_or(asset.plain).len()
    }

    /// What the shell names in `src` and `href`.
    fn named(shell: &str) -> Vec<&str> {
        shell.split('"').filter(|part| part.starts_with("/assets/")).collect()
    }

    #[test]
    fn the_shell_and_all_it_loads_are_there_and_small() {
        let files = named(shell());
        assert!(files.iter().any(|f| f.ends_with(".js")), "the shell loads a script");
        let loaded = files.iter().map(|file| size(asset(&file[1..]).expect("a file the shell names")));
        let total: usize = loaded.sum::<usize>() + asset("index.html").map_or(0, size);
        assert!(total <= FIRST_VIEW_BYTES_MAX, "the first view has {total} bytes, compressed");
    }

    #[test]
    fn the_shell_needs_no_exception_from_the_content_policy() {
        assert!(!shell().contains("style="), "inline style");
        let inline = shell().split("<script").skip(1).filter(|tag| {
            let head = tag.split('>').next().unwrap_or("");
            !head.contains("src=") && !head.contains("application/json")
        });
        assert_eq!(inline.count(), 0, "inline script");
    }

    #[test]
    fn a_path_that_is_no_file_is_none() {
        assert!(asset("../Cargo.toml").is_none());
        assert!(asset("").is_none());
    }
}
