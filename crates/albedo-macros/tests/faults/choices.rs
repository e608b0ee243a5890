//! Enumerations that are no choice.

use albedo_macros::choice;

#[choice(rename = "x")]
enum Keyed {
    One,
}

#[choice]
enum Valued {
    One,
    Two(i64),
    Three { text: String },
    FourWhichHasANameThatIsFarTooLongForItsColumn,
}

#[choice]
enum Empty {}

fn main() {}
