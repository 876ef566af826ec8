//! What may be asked: addresses that a source must not reach.
