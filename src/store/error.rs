//! What can go wrong with a store, as far as a caller has to branch on it.

pub type Result<T> = std::result::Result<T, StoreError>;

/// What a caller may have to branch on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the lease is lost: somebody else went on with {0}")]
    Fenced(String),
    #[error("the state directory {path} is in use by another vigie (process {holder})")]
    InUse { path: String, holder: String },
    #[error("the store is busy")]
    Busy,
    #[error("no space is left for the store")]
    Full,
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    #[error(
        "the store was written by a newer vigie (schema {found}, this one knows {known}): install \
         that version, or restore a backup made before the upgrade"
    )]
    Newer { found: u32, known: u32 },
    /// What was asked would break a rule of the store, or the store is open for reading only.
    #[error("the store refuses: {0}")]
    Refused(String),
    #[error("the store failed: {0}")]
    Io(String),
}

impl StoreError {
    /// The value of the label `reason` of `vigie_store_errors_total`.
    pub fn reason(&self) -> &'static str {
        match self {
            StoreError::Fenced(_) => "fenced",
            StoreError::InUse { .. } => "in_use",
            StoreError::Busy => "busy",
            StoreError::Full => "full",
            StoreError::Corrupt(_) => "corrupt",
            StoreError::Newer { .. } => "newer",
            StoreError::Refused(_) => "refused",
            StoreError::Io(_) => "io",
        }
    }
}
