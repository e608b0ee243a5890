//! Answers that are kept: in the process, in Redis, and on several replicas at once.

mod coherence;
mod faults;
mod forgetting;
mod serving;
mod topologies;
mod world;
