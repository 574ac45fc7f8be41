//! Passwords: hashed with Argon2id, compared in constant time, refused where they are too short or too long.

use crate::call::random;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use cmdb_core::model::SmolStr;
use cmdb_core::{Error, Kind, Result};

/// Shortest and longest password. A rule about kinds of characters would only make people write them down.
const CHARACTERS_MIN: usize = 10;
const BYTES_MAX: usize = 512;
/// Memory of one hash in KiB, passes over it, lanes: OWASP's first recommendation for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| inside(&e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn inside(message: &str) -> Error {
    Error::new(Kind::Internal, "password.hash", format!("a password could not be hashed: {message}"))
}

/// What is kept of a password.
///
/// # Errors
/// `password.length` outside of its bounds.
pub fn hash(password: &str) -> Result<SmolStr> {
    if password.chars().count() < CHARACTERS_MIN || password.len() > BYTES_MAX {
        let message = format!("a password has {CHARACTERS_MIN} to {BYTES_MAX} characters");
        return Err(Error::invalid("password.length", message.clone()).detail("/password", message));
    }
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(|e| inside(&e.to_string()))?;
    let hash = argon()?.hash_password(password.as_bytes(), &salt).map_err(|e| inside(&e.to_string()))?;
    Ok(hash.to_string().into())
}

/// Whether this is the password. Without one to compare with it takes as long and says no, so that nobody learns
/// which users there are.
pub fn verify(password: &str, kept: Option<&str>) -> Result<bool> {
    if password.len() > BYTES_MAX {
        return Ok(false);
    }
    let Some(kept) = kept else {
        hash("nobody's password")?;
        return Ok(false);
    };
    let kept = PasswordHash::new(kept).map_err(|e| inside(&e.to_string()))?;
    Ok(argon()?.verify_password(password.as_bytes(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_and_no_other_is_accepted() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", Some(&kept)).unwrap());
        assert!(!verify("correct horse batterz", Some(&kept)).unwrap());
        assert!(!verify("correct horse battery", None).unwrap());
        assert_ne!(hash("correct horse battery").unwrap(), kept, "each has a salt of its own");
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert_eq!(hash("short").unwrap_err().code(), "password.length");
        assert_eq!(hash(&"x".repeat(BYTES_MAX + 1)).unwrap_err().code(), "password.length");
    }
}
