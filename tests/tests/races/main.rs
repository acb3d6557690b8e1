//! Tasks and processes that do things to one run at one moment: each gets an answer that some order of them explains, and
//! nothing is lost.

mod contest;
mod model;
mod moments;
mod place;
mod processes;
mod round;
mod tasks;
