//! Collects `versions/*.rs`; a faulty graph stops the build.

fn main() -> albedo_migrate::Result<()> {
    albedo_migrate::build::collect("versions")
}
