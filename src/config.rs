//! Settings.

/// Every setting of the function.
#[derive(Debug, Clone)]
pub struct Config {}

impl Config {
    /// Reads the settings through `lookup` (in production `std::env::var`).
    ///
    /// # Errors
    /// Names the setting that is missing or malformed.
    pub fn read(_lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        Ok(Self {})
    }
}
