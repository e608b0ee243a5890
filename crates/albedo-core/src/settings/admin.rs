//! The admin that is created at start, so that a new installation has someone who may log in.

use secrecy::{ExposeSecret, SecretString};

use super::{
    reader::{Read, Reader},
    security::SecuritySettings,
    variables as var,
};

/// The admin to create at start.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// Address to log in with.
    pub email: String,
    /// Password to log in with; the rules for passwords are applied when the account is made.
    pub password: SecretString,
}

impl FirstAdmin {
    /// Both or none: half an admin is a mistake that should not wait until someone cannot log in.
    pub(super) fn read(reader: &mut Reader<'_>, security: Read<&SecuritySettings>) -> Read<Option<Self>> {
        let email = reader.optional(&var::ADMIN_EMAIL, "an email address", |text| {
            let (local, domain) = text.rsplit_once('@')?;
            let plausible = !local.is_empty() && !domain.is_empty() && text.len() <= 254;
            (plausible && !text.contains(char::is_whitespace)).then(|| text.to_owned())
        });
        let password = reader.secret(&var::ADMIN_PASSWORD);
        match (email?, password?) {
            (Some(email), Some(password)) => {
                if let Ok(security) = security
                    && password.expose_secret().chars().count() < security.password_min_length
                {
                    let needed = security.password_min_length;
                    return Err(
                        reader.fault(&var::ADMIN_PASSWORD, format_args!("must have {needed} characters or more"))
                    );
                }
                Ok(Some(Self { email, password }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(reader
                    .fault(&var::ADMIN_PASSWORD, format_args!("is missing while {} is set", var::ADMIN_EMAIL.name)))
            }
            (None, Some(_)) => {
                Err(reader
                    .fault(&var::ADMIN_EMAIL, format_args!("is missing while {} is set", var::ADMIN_PASSWORD.name)))
            }
        }
    }
}
