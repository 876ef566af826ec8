//! What can go wrong with the view, sorted by what the caller has to do about it.

use std::io;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

pub type Result<T> = std::result::Result<T, IndexError>;

/// What a caller may have to branch on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    #[error("the index at {0} is in use by another vigie")]
    Locked(String),
    #[error("there is no index at {0} yet: start the daemon, or run `vigie rebuild-index`")]
    Absent(String),
    #[error("no space is left for the index")]
    Full,
    #[error("the index may not be read or written: {0}")]
    Denied(String),
    /// The files are not what was written: [`super::IndexView::rebuild`] is the way out.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// The request is at fault, not the index.
    #[error("{0}")]
    Refused(String),
    /// Anything else of the machine, worth another attempt.
    #[error("the index failed: {0}")]
    Io(String),
}

impl IndexError {
    /// The value of the label `reason` of a counter of index errors.
    pub fn reason(&self) -> &'static str {
        match self {
            IndexError::Locked(_) => "locked",
            IndexError::Absent(_) => "absent",
            IndexError::Full => "full",
            IndexError::Denied(_) => "denied",
            IndexError::Damaged(_) => "damaged",
            IndexError::Refused(_) => "refused",
            IndexError::Io(_) => "io",
        }
    }
}

impl From<io::Error> for IndexError {
    fn from(error: io::Error) -> IndexError {
        from_io(&error)
    }
}

impl From<TantivyError> for IndexError {
    /// Only what proves the files wrong counts as damage: a full disk, a missing permission or an
    /// exhausted table of open files must never cost a sound index.
    fn from(error: TantivyError) -> IndexError {
        match &error {
            TantivyError::LockFailure(LockError::LockBusy, _) => {
                IndexError::Locked("its directory".to_owned())
            }
            TantivyError::LockFailure(LockError::IoError(e), _)
            | TantivyError::IoError(e)
            | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: e, .. })
            | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError {
                io_error: e, ..
            })
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error: e, .. }) => from_io(e),
            TantivyError::DataCorruption(_)
            | TantivyError::IncompatibleIndex(_)
            | TantivyError::SchemaError(_)
            | TantivyError::OpenDirectoryError(
                OpenDirectoryError::DoesNotExist(_) | OpenDirectoryError::NotADirectory(_),
            )
            | TantivyError::OpenReadError(_) => {
                // tantivy quotes whole files.
                IndexError::Damaged(error.to_string().chars().take(300).collect())
            }
            TantivyError::InvalidArgument(why) => IndexError::Refused(why.clone()),
            _ => IndexError::Io(error.to_string()),
        }
    }
}

fn from_io(error: &io::Error) -> IndexError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => IndexError::Full,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            IndexError::Denied(error.to_string())
        }
        // How tantivy says that a file is shorter than its footer, or has another one.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
            IndexError::Damaged(error.to_string())
        }
        _ => IndexError::Io(error.to_string()),
    }
}
