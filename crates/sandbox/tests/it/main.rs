//! The stand-ins from outside: data, wire facts, switches.

mod bettermode;
mod data;
mod drift;
mod facts;
mod scenarios;
mod searches;
mod support;
