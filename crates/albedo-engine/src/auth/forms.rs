//! The bodies of sign-in, and their field tables. No table stands behind them, so they are written by hand.

use albedo_core::field::{Bounds, Field, Format, Kind};
use albedo_entities::Shape;
use albedo_entities::user::{EMAIL, FULL_NAME, PASSWORD};
use secrecy::SecretString;
use serde::Deserialize;

/// What a person sends to get an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Address to sign in with.
    pub email: String,
    /// Password.
    pub password: SecretString,
    /// Name to greet with.
    #[serde(default)]
    pub full_name: Option<String>,
}

impl Shape for Register {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 3] = [EMAIL, PASSWORD, FULL_NAME];
        &FIELDS
    }
}

/// What a person sends to sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Address.
    pub email: String,
    /// Password.
    pub password: SecretString,
}

/// Any text may be tried as an address or a password: telling which ones cannot be right would help to guess.
const TRIED: Bounds = Bounds { max_len: Some(1_024), ..Bounds::NONE };

impl Shape for Login {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 2] = [
            Field { bounds: TRIED, description: "Email address, in any case.", ..EMAIL },
            Field { bounds: Bounds { format: Some(Format::Password), ..TRIED }, description: "Password.", ..PASSWORD },
        ];
        &FIELDS
    }
}

/// What a client sends to refresh or to log out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshForm {
    /// The newest refresh token of the login.
    pub refresh_token: SecretString,
}

impl Shape for RefreshForm {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 1] = [Field {
            name: "refresh_token",
            description: "The newest refresh token of the login.",
            bounds: Bounds { max_len: Some(256), ..Bounds::NONE },
            example: Some(r#""art_019b0c5e6f7a7d0e9f3b2f0c1c9f4e11.bG9uZy1yYW5kb20tc2VjcmV0LW9mLTI1Ni1iaXRzLWhlcmU""#),
            ..PASSWORD
        }];
        &FIELDS
    }
}

/// What a person sends to change the password.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password that still holds.
    pub current_password: SecretString,
    /// The one that shall hold.
    pub new_password: SecretString,
}

impl Shape for NewPassword {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 2] = [
            Field {
                name: "current_password",
                description: "The password that still holds.",
                bounds: Bounds { format: Some(Format::Password), ..TRIED },
                ..PASSWORD
            },
            Field { name: "new_password", ..PASSWORD },
        ];
        &FIELDS
    }
}

const _: () = assert!(matches!(PASSWORD.kind, Kind::Text), "the table must see its NUL characters and its length");
