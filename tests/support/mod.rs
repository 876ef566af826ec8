//! What the black-box tests share.

pub(crate) mod smtp;
