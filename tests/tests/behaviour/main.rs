//! What workflows do when they run.

mod arms;
mod content;
mod refused;
mod shapes;
mod states;
