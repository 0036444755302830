//! Helpers shared by the parity tests.
