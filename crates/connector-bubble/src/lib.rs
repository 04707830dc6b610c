//! connector-bubble
