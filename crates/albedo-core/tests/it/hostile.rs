//! Whatever clients send, nothing panics and nothing gets in.

use albedo_core::{
    security::{password::Passwords, refresh::RefreshToken, token::Tokens},
    settings::{SecuritySettings, Settings, Sources},
};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

fn security() -> SecuritySettings {
    Settings::load(&Sources::new(None, [])).unwrap().security
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[test]
fn no_text_is_an_access_token_by_chance() {
    let tokens = Tokens::new(&security()).unwrap();
    proptest!(|(text in prop_oneof![any::<String>(), "[A-Za-z0-9_=-]{0,80}(\\.[A-Za-z0-9_=-]{0,80}){0,4}"])| {
        prop_assert!(tokens.verify(&text, now()).is_err());
    });
}

#[test]
fn no_byte_of_an_access_token_can_be_changed() {
    let tokens = Tokens::new(&security()).unwrap();
    let issued = tokens.issue(Uuid::now_v7(), Uuid::now_v7(), now()).unwrap();
    let token = issued.token.expose_secret();
    for at in 0..token.len() {
        for letter in ['A', 'B', '-', '.', '=', '\0', 'é'] {
            let (before, rest) = token.split_at(at);
            let rest = rest.get(1..).unwrap();
            let changed = format!("{before}{letter}{rest}");
            assert!(changed == token || tokens.verify(&changed, now()).is_err(), "{at} {letter:?}");
        }
        assert!(tokens.verify(token.get(..at).unwrap(), now()).is_err());
    }
    assert!(tokens.verify(token, now()).is_ok());
}

#[test]
fn a_text_that_is_a_refresh_token_is_written_back_the_same() {
    proptest!(|(text in prop_oneof![any::<String>(), "art_[0-9a-f]{32}\\.[A-Za-z0-9_-]{43}", "art_[0-9a-fA-F-]{32,36}\\.[A-Za-z0-9_=+-]{39,43}"])| {
        if let Some(token) = RefreshToken::parse(&text) {
            let written = token.text();
            prop_assert_eq!(written.expose_secret(), text);
        }
    });
}

#[test]
fn no_password_is_too_odd_to_be_checked() {
    let passwords = Passwords::start(&security()).unwrap();
    let odd = prop_oneof![any::<String>(), "\\PC{15,60}", "[İßǅﬃ𝔞١०aA1@ ]{15,60}", "[aáà]{15,300}", "[0-9/. -]{15,60}"];
    proptest!(|(password in odd, word in any::<String>())| {
        let _ = passwords.check(&password, &[&word]);
    });
}
