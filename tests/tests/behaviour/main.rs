//! What workflows do when they run.

mod arms;
mod content;
mod shapes;
mod states;
