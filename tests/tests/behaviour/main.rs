//! What workflows do when they run.

mod arms;
mod check;
mod content;
mod deadlines;
mod durability;
mod eight;
mod elsewhere;
mod faults;
mod graph;
mod growing;
mod lock;
mod many;
mod migrate;
mod modes;
mod nested;
mod prune;
mod refused;
mod restarts;
mod sealed;
mod secrets;
mod select;
mod shapes;
mod sleeps;
mod states;
mod steps;
mod waits;
