//! Colours of code.
