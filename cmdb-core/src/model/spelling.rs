//! How a name looks to a reader: which characters are not seen, and when two names are the same to the eye.

use super::SmolStr;
use unicode_normalization::UnicodeNormalization;

/// Whether a character leaves no mark of its own, or turns the text around it: soft hyphens, joiners, fillers,
/// direction marks and overrides, variation selectors, tags.
pub fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The form by which names of people are compared: compatibility composition (NFKC), lower case, nothing unseen, no
/// space around it.
pub fn folded(name: &str) -> SmolStr {
    let seen: String = name.nfkc().filter(|c| !is_unseen(*c)).collect();
    seen.trim().to_lowercase().nfkc().collect::<String>().into()
}

/// Why a name can be taken for another one by whoever reads it; none if it cannot, as far as this looks: characters
/// that are not seen, and Latin letters mixed with Cyrillic or Greek ones, many of which look the same.
pub fn deceptive(name: &str) -> Option<&'static str> {
    let latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    let alike = |c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}');
    if name.chars().any(is_unseen) {
        return Some("it has characters that are not seen");
    }
    let mixed = name.chars().any(latin) && name.chars().any(alike);
    mixed.then_some("it mixes Latin letters with Cyrillic or Greek ones that look the same")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_whatever_their_case_width_and_hidden_letters() {
        for other in ["BOB", "b\u{200b}ob", " Bob ", "ｂｏｂ", "b\u{202e}o\u{ad}b"] {
            assert_eq!(folded(other), "bob", "{other:?}");
        }
        assert_eq!(folded("ﬁona"), folded("FIONA"));
        assert_ne!(folded("bob"), folded("bоb"), "a Cyrillic letter is another letter");
        assert!(deceptive("bоb").is_some() && deceptive("b\u{200b}ob").is_some());
        assert!(["bob", "борис", "Ζωή", "Jörg"].iter().all(|name| deceptive(name).is_none()));
    }
}
