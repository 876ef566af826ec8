//! Reads files that may be anything, and not larger than they should be.

use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// The bytes of a file; an error when there are more than `most`.
pub fn bytes(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("more than {most} bytes")));
    }
    Ok(bytes)
}

/// The same for a text; an error when it is no UTF-8.
pub fn text(path: &Path, most: u64) -> std::io::Result<String> {
    let wrong = |error| Error::new(ErrorKind::InvalidData, error);
    String::from_utf8(bytes(path, most)?).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_or_no_text_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        std::fs::write(&path, [b'a', 0xff]).unwrap();
        assert_eq!(bytes(&path, 2).unwrap(), [b'a', 0xff]);
        assert_eq!(bytes(&path, 1).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(text(&path, 2).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(text(&directory.path().join("y"), 2).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
