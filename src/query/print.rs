//! Writes a query as it could have been typed.
