//! The search view: a tantivy index that follows the store.
