//! Cuts the text of a query into tokens.
