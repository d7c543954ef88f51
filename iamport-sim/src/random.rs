//! Identifiers in the shapes real ones have. They need to be distinct, not secret.

/// `imp_` and twelve digits, as in every published sample.
pub(crate) fn imp_uid() -> String {
    format!("imp_{}", pick(b"0123456789", 12))
}

/// Forty hexadecimal digits (OAS `AuthAnnotation`).
pub(crate) fn token() -> String {
    pick(b"0123456789abcdef", 40)
}

/// Twenty characters such as `06JC8FVHJTW2WY16FEY0`.
pub(crate) fn cancellation_id() -> String {
    format!("06{}", pick(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 18))
}

fn pick(alphabet: &[u8], length: usize) -> String {
    (0..length)
        .filter_map(|_| fastrand::choice(alphabet))
        .copied()
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_shapes() {
        assert_eq!(imp_uid().len(), "imp_448280090638".len());
        assert_eq!(token().len(), 40);
        assert_eq!(cancellation_id().len(), 20);
        assert_ne!(token(), token());
    }
}
