//! The strength of new passwords, as faults of a body.

use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::security::password::PasswordFault;
use serde_json::{Map, Value};

use crate::services::Services;

/// Adds what is wrong with the new password in `field`, beside what its field table says.
pub fn check(services: &Services, body: &Map<String, Value>, field: &str, faults: &mut Faults) {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let own_words: Vec<_> = ["email", "full_name"].into_iter().filter_map(text).collect();
    check_field(services, body, field, &own_words, faults);
}

/// The same where the body does not say whose password it is.
pub(crate) fn check_field(
    services: &Services,
    body: &Map<String, Value>,
    field: &str,
    own_words: &[&str],
    faults: &mut Faults,
) {
    if let Some(password) = body.get(field).and_then(Value::as_str) {
        check_text(services, password, field, own_words, faults);
    }
}

/// The same for a password that came another way.
pub(crate) fn check_text(services: &Services, password: &str, field: &str, own_words: &[&str], faults: &mut Faults) {
    let Err(fault) = services.shared.passwords.check(password, own_words) else { return };
    let told = |code| Fault::in_field(field, code, format!("{}.", sentence(&fault)));
    match fault {
        PasswordFault::TooShort { min, length } => {
            faults.add(told(Code::TooShort).with("min", min).with("length", length));
        }
        // The field table has told this one.
        PasswordFault::TooLong { .. } => {}
        PasswordFault::TooManyBytes { max, length } => {
            faults.add(told(Code::TooLong).with("max", max).with("length", length).with("unit", "bytes"));
        }
        _ => faults.add(told(Code::TooCommon)),
    }
}

fn sentence(fault: &PasswordFault) -> String {
    let text = fault.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
