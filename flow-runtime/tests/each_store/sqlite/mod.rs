#[path = "../../driver.rs"]
mod driver;
#[path = "../../recovery.rs"]
mod recovery;
#[path = "../../wakeups.rs"]
mod wakeups;
