//! Every fault of a declaration is a compile error at the token that holds it, and all of one declaration come at once.
//!
//! The cases stop inside the macro, so they need none of the crates that its code is written for and are quickly checked.
//! What it writes for a right declaration is tested where those crates are at hand: in `albedo-entities`.

#[test]
fn faults_are_told_at_their_place() {
    trybuild::TestCases::new().compile_fail("tests/faults/*.rs");
}
