//! How surprising the present rate is for this watch at this hour.
