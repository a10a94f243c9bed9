//! Measurements that anyone can rerun, beside what people would use instead. Times are reported beside a control that ran
//! in the same run; nothing here fails because a machine is slow.

pub mod measure;
pub mod peers;
pub mod report;
pub mod suites;
