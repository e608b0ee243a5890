//! Reads on streaming replicas, with real ones: what was written or shown is never shown older, and a replica that fails
//! fails no request.

mod faults;
mod fresh;
mod world;
