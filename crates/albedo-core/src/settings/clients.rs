//! Who may call: through which proxies, from which pages, and how often.

use ipnet::IpNet;

use super::{
    Environment,
    reader::{Read, Reader},
    variables::{self as var, Variable},
};
use crate::rate::Rate;

/// What the server believes its clients, and how much of each it puts up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call, such as `https://app.example.com`; none turns cross-origin requests off.
    pub cors_origins: Vec<String>,
    /// Requests of one user.
    pub rate_user: Option<Rate>,
    /// Requests of one address that nobody has signed.
    pub rate_address: Option<Rate>,
    /// Times that one address may register, sign in or change a password.
    pub rate_sign_in: Option<Rate>,
}

impl ClientSettings {
    pub(super) fn read(reader: &mut Reader<'_>, environment: Read<Environment>) -> Read<Self> {
        let network = "networks or addresses such as 10.0.0.0/8 or ::1";
        let trusted_proxies = reader.list_of(&var::TRUSTED_PROXIES, network, |text| {
            text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).ok()
        });
        let origin = "origins such as https://app.example.com, without a path";
        let cors_origins = reader.list_of(&var::CORS_ORIGINS, origin, origin_of);
        let strict = matches!(environment, Ok(Environment::Production));
        let rate_user = rate(reader, &var::RATE_USER, strict.then_some("3000/m"));
        let rate_address = rate(reader, &var::RATE_ADDRESS, strict.then_some("600/m"));
        let rate_sign_in = rate(reader, &var::RATE_SIGN_IN, strict.then_some("20/m"));
        Ok(Self {
            trusted_proxies: trusted_proxies?,
            cors_origins: cors_origins?,
            rate_user: rate_user?,
            rate_address: rate_address?,
            rate_sign_in: rate_sign_in?,
        })
    }
}

/// Off where a developer or a benchmark asks one process from one address; on where strangers do.
fn rate(reader: &mut Reader<'_>, variable: &Variable, preset: Option<&str>) -> Read<Option<Rate>> {
    let given = reader.optional(variable, "a rate such as 600/m, 10/s or 1000/h, or off", |text| match text {
        "off" => Some(None),
        text => text.parse().ok().map(Some),
    })?;
    Ok(given.unwrap_or_else(|| preset.and_then(|text| text.parse().ok())))
}

/// Browsers send an origin in lower case and without a slash or a default port, and it is compared byte by byte.
fn origin_of(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    let origin = url.origin().ascii_serialization();
    (plain && url.username().is_empty() && url.fragment().is_none()).then_some(origin)
}
