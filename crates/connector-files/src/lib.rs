//! connector-files
