//! Measurements. Times are reported beside a control that ran in the same run; nothing here fails because a machine
//! is slow.

pub mod cpu;
pub mod faults;
pub mod load;
