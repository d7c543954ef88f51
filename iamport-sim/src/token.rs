//! Access tokens, as OAS `getToken` and the V1 authentication guide describe them.

use crate::random;

/// Asked for with less than this left, a token lives on.
const LAST_SECONDS: i64 = 60;
const EXTENSION_SECONDS: i64 = 5 * 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) expired_at: i64,
}

/// Every token that is still good for something.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// What the present credentials get.
    current: Option<Token>,
    /// Issued for earlier credentials, and not revoked with them.
    outstanding: Vec<Token>,
}

impl Tokens {
    /// The same token and expiry until it expires, extended by five minutes in its last one; then a new token.
    pub(crate) fn issue(&mut self, now: i64, life: i64) -> Token {
        let token = match self.current.take() {
            Some(Token { text, expired_at }) if now < expired_at => {
                let extension = if expired_at - now < LAST_SECONDS {
                    EXTENSION_SECONDS
                } else {
                    0
                };
                Token {
                    text,
                    expired_at: expired_at + extension,
                }
            }
            _ => Token {
                text: random::token(),
                expired_at: now + life,
            },
        };
        self.current.insert(token).clone()
    }

    pub(crate) fn accept(&self, text: &str, now: i64) -> bool {
        self.outstanding
            .iter()
            .chain(&self.current)
            .any(|token| token.text == text && now < token.expired_at)
    }

    /// New credentials get a token of their own; the old one stays good until it expires or is revoked.
    pub(crate) fn retire(&mut self) {
        self.outstanding.extend(self.current.take());
    }

    /// Moves every expiry, as the clock that they are compared with moves.
    pub(crate) fn advance(&mut self, seconds: i64) {
        for token in self.outstanding.iter_mut().chain(&mut self.current) {
            token.expired_at = token.expired_at.saturating_add(seconds);
        }
    }

    pub(crate) fn revoke(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: i64 = 1_800;

    #[test]
    fn a_token_is_reused_until_it_expires() {
        let mut tokens = Tokens::default();
        let first = tokens.issue(0, LIFE);
        assert_eq!(first.expired_at, LIFE);
        assert_eq!(tokens.issue(LIFE - 60, LIFE), first, "a whole minute left");
        let next = tokens.issue(LIFE, LIFE);
        assert_ne!(next.text, first.text);
        assert_eq!(next.expired_at, 2 * LIFE);
        assert!(!tokens.accept(&first.text, LIFE - 1));
    }

    #[test]
    fn the_last_minute_extends_it() {
        let mut tokens = Tokens::default();
        let first = tokens.issue(0, LIFE);
        let extended = tokens.issue(LIFE - 59, LIFE);
        assert_eq!(
            extended,
            Token {
                text: first.text,
                expired_at: LIFE + 300
            }
        );
        assert!(tokens.accept(&extended.text, LIFE + 299));
        assert!(!tokens.accept(&extended.text, LIFE + 300));
    }

    #[test]
    fn other_credentials_get_another_token() {
        let mut tokens = Tokens::default();
        let old = tokens.issue(0, LIFE);
        tokens.retire();
        let new = tokens.issue(0, LIFE);
        assert_ne!(new.text, old.text);
        assert!(tokens.accept(&old.text, 1) && tokens.accept(&new.text, 1));
        tokens.revoke();
        assert!(!tokens.accept(&old.text, 1) && !tokens.accept(&new.text, 1));
    }
}
