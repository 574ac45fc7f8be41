//! The known name that a mistyped one probably meant.

/// How like two names must be to be offered, from 0 to 1.
const LIKENESS_MIN: f64 = 0.65;

/// Names longer than this are not compared; nobody mistypes them by hand.
const LENGTH_MAX: usize = 64;

/// The most similar of the known names, if one is similar enough. Case does not count.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LENGTH_MAX {
        return None;
    }
    let wanted = name.to_lowercase();
    let mut best: Option<(&str, f64)> = None;
    for candidate in known.filter(|candidate| candidate.len() <= LENGTH_MAX) {
        let likeness = strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase());
        if likeness >= LIKENESS_MIN && best.is_none_or(|(_, so_far)| likeness > so_far) {
            best = Some((candidate, likeness));
        }
    }
    best.map(|(candidate, _)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn offers_the_likeliest_name_and_no_far_fetched_one() {
        let known = || ["service", "server", "n"].into_iter();
        assert_eq!(nearest("servr", known()), Some("server"));
        assert_eq!(nearest("SERVER", known()), Some("server"));
        assert_eq!(nearest("customer", known()), None);
    }
}
