//! webclient
