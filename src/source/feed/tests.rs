//! Tests of the kind `feed` on whole answers.
