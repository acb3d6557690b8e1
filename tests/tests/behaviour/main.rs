//! What workflows do when they run.

mod arms;
mod content;
mod eight;
mod refused;
mod shapes;
mod states;
