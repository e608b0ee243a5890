//! Settings that work and are weak.

use albedo_core::settings::{Environment, Settings};

use super::Finding;

const SECRET: &str = "set ALBEDO_JWT_SECRET: openssl rand -base64 48";

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let production = settings.environment == Environment::Production;
    let exposed = !settings.server.host.is_loopback();
    let mut findings = Vec::new();
    findings.push(match (production, exposed) {
        (true, _) => Finding::ok("settings", "all of them can be read, for production"),
        (false, false) => Finding::ok("settings", "all of them can be read, for development"),
        (false, true) => {
            let detail = format!(
                "listens on {} with the settings of development: no rates, no secret asked for",
                settings.server.host
            );
            Finding::warn("settings", detail, "set ALBEDO_ENV=production")
        }
    });
    findings.push(if settings.security.jwt_secret_is_random {
        Finding::warn("secret", "made anew at each start, so everybody signs in again after a restart", SECRET)
    } else {
        Finding::ok("secret", "set, long and various enough")
    });
    findings.extend(weak(settings, production));
    findings
}

fn weak(settings: &Settings, production: bool) -> Vec<Finding> {
    let (security, clients) = (&settings.security, &settings.clients);
    let mut findings = Vec::new();
    let mut warn = |subject, detail: String, next: &str| findings.push(Finding::warn(subject, detail, next));
    if security.password_min_length < 12 {
        let detail = format!("{} characters are enough for a password", security.password_min_length);
        warn("passwords", detail, "set ALBEDO_PASSWORD_MIN_LENGTH=15, or leave it out");
    }
    if security.jwt_previous_secrets.len() > 2 {
        let detail = format!("{} earlier secrets still verify tokens", security.jwt_previous_secrets.len());
        warn("secret", detail, "take out of ALBEDO_JWT_PREVIOUS_SECRETS what was replaced over an hour ago");
    }
    if settings.first_admin.is_some() && production {
        let detail = "the first admin's password stands in the settings".to_owned();
        warn("admin", detail, "take ALBEDO_ADMIN_PASSWORD out once that admin has signed in and changed it");
    }
    if clients.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        let detail = "everybody's X-Forwarded-For is believed, so everybody may pick an address".to_owned();
        warn("proxies", detail, "name the networks of your proxies alone in ALBEDO_TRUSTED_PROXIES");
    }
    if production && clients.cors_origins.iter().any(|origin| origin.starts_with("http://")) {
        let detail = "pages that came over plain HTTP may call".to_owned();
        warn("origins", detail, "write https:// origins in ALBEDO_CORS_ORIGINS");
    }
    if production {
        let rates = [
            ("ALBEDO_RATE_USER", clients.rate_user),
            ("ALBEDO_RATE_ADDRESS", clients.rate_address),
            ("ALBEDO_RATE_SIGN_IN", clients.rate_sign_in),
        ];
        for (name, _) in rates.iter().filter(|(_, rate)| rate.is_none()) {
            warn(
                "rates",
                format!("{name} is off"),
                &format!("leave {name} out for the default, or set a rate as in 600/m"),
            );
        }
    }
    findings
}
