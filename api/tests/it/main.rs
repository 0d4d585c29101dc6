//! The API over real TCP.
