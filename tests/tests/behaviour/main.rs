//! What workflows do when they run.

mod content;
mod shapes;
