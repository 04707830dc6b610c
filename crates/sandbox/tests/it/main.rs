//! The stand-ins from outside: data, wire facts, switches.

mod bettermode;
mod circle;
mod data;
mod drift;
mod facts;
mod notion;
mod scenarios;
mod searches;
mod support;
