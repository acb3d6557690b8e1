//! Processes that are killed, frozen and lied to: nothing is lost, and nothing is recorded twice.

mod child;
mod clock;
mod damage;
mod judge;
mod killing;
mod kills;
mod parcel;
mod poison;
mod zombies;
