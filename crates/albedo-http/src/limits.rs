//! How often clients may ask: who is counted, and what they are told (draft-ietf-httpapi-ratelimit-headers).
//!
//! A request that is signed counts for its user, any other for its address, and signing in for its address by a rate of
//! its own, as does a change of a password, which counts for its user too: it tries the old one. What is signed counts for
//! no address, so an office behind one is not held back by its number of people.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use albedo_core::rate::{Rate, RateLimiter, Subject, Verdict};
use albedo_core::settings::ClientSettings;
use albedo_engine::Caller;
use ipnet::IpNet;

use crate::error::ApiError;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// What is counted, and by whom.
#[derive(Debug)]
pub struct Limits {
    limiter: RateLimiter,
    user: Option<Policy>,
    address: Option<Policy>,
    sign_in: Option<Policy>,
    trusted_proxies: Vec<IpNet>,
}

/// One rate, with its name in the headers.
#[derive(Debug)]
struct Policy {
    name: &'static str,
    rate: Rate,
    told: HeaderValue,
    refused: AtomicU64,
}

impl Policy {
    fn new(name: &'static str, rate: Option<Rate>) -> Option<Self> {
        let rate = rate?;
        let told = format!("\"{name}\";q={};w={}", rate.count(), rate.window().as_secs());
        Some(Self { name, rate, told: HeaderValue::try_from(told).ok()?, refused: AtomicU64::new(0) })
    }
}

/// What a request has been told about its rate; kept for the headers of its answer.
#[derive(Clone)]
struct Told {
    policy: HeaderValue,
    state: HeaderValue,
}

impl Limits {
    /// With the rates of the settings, counted by `limiter`.
    #[must_use]
    pub fn new(settings: &ClientSettings, limiter: RateLimiter) -> Self {
        Self {
            limiter,
            user: Policy::new("user", settings.rate_user),
            address: Policy::new("address", settings.rate_address),
            sign_in: Policy::new("sign-in", settings.rate_sign_in),
            trusted_proxies: settings.trusted_proxies.clone(),
        }
    }

    /// How often each rate was exceeded.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let policies = [&self.user, &self.address, &self.sign_in].into_iter().flatten();
        policies.map(|policy| (policy.name, policy.refused.load(Ordering::Relaxed)))
    }
}

/// Counts a request for the user who has signed it.
///
/// # Errors
/// 429.
pub async fn count_user(request: &HttpRequest, caller: &Caller) -> Result<(), ApiError> {
    let Some(limits) = request.app_data::<Data<Limits>>() else { return Ok(()) };
    count(request, limits, limits.user.as_ref(), || caller.user.as_u128()).await
}

/// Counts a request that nobody has signed for its address.
///
/// # Errors
/// 429.
pub async fn count_address(request: &HttpRequest) -> Result<(), ApiError> {
    let Some(limits) = request.app_data::<Data<Limits>>() else { return Ok(()) };
    count(request, limits, limits.address.as_ref(), || network(request)).await
}

/// Counts an attempt to sign in, or whatever else takes a password, for its address.
///
/// # Errors
/// 429.
pub async fn count_sign_in(request: &HttpRequest) -> Result<(), ApiError> {
    let Some(limits) = request.app_data::<Data<Limits>>() else { return Ok(()) };
    count(request, limits, limits.sign_in.as_ref(), || network(request)).await
}

async fn count(
    request: &HttpRequest,
    limits: &Limits,
    policy: Option<&Policy>,
    id: impl FnOnce() -> u128,
) -> Result<(), ApiError> {
    let Some(policy) = policy else { return Ok(()) };
    let subject = Subject { policy: policy.name, id: id() };
    let verdict = limits.limiter.spend(subject, policy.rate).await;
    if let Some(state) = state(policy.name, &verdict) {
        request.extensions_mut().insert(Told { policy: policy.told.clone(), state });
    }
    match verdict.retry_after {
        None => Ok(()),
        Some(wait) => {
            policy.refused.fetch_add(1, Ordering::Relaxed);
            Err(ApiError::too_many(whole_seconds(wait)))
        }
    }
}

fn state(name: &str, verdict: &Verdict) -> Option<HeaderValue> {
    let mut text = String::with_capacity(40);
    write!(text, "\"{name}\";r={};t={}", verdict.remaining, whole_seconds(verdict.reset)).ok()?;
    HeaderValue::try_from(text).ok()
}

/// Rounded up: a client that waits as long as it is told must not come too early.
fn whole_seconds(time: std::time::Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Writes what the request was told into the headers of its answer.
pub(crate) fn tell<B>(response: &mut ServiceResponse<B>) {
    let told = response.request().extensions_mut().remove::<Told>();
    if let Some(told) = told {
        let headers = response.headers_mut();
        headers.insert(RATE_LIMIT_POLICY, told.policy);
        headers.insert(RATE_LIMIT, told.state);
    }
}

/// The client's address: the socket's, or what trusted proxies say in `X-Forwarded-For`.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let trusted = request.app_data::<Data<Limits>>().map_or(&[][..], |limits| &limits.trusted_proxies);
    let sent = request.headers().get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok());
    Some(forwarded_for(peer.to_canonical(), sent, trusted))
}

/// Each proxy appends whom it has heard from, so the line is read from its end for as long as proxies of ours have written
/// it. What stands before that is anybody's word.
fn forwarded_for<'a>(peer: IpAddr, sent: impl Iterator<Item = &'a str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !is_trusted(peer) {
        return peer;
    }
    let hops: Vec<&str> = sent.flat_map(|line| line.split(',')).collect();
    let mut client = peer;
    for hop in hops.into_iter().rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// Whom an address stands for. Of IPv6 everybody has a whole /64 to ask from.
fn network(request: &HttpRequest) -> u128 {
    match client_address(request) {
        Some(IpAddr::V4(address)) => address.to_ipv6_mapped().to_bits(),
        Some(IpAddr::V6(address)) => address.to_bits() >> 64 << 64,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, sent: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        forwarded_for(peer.parse().unwrap(), sent.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_but_trusted_proxies() {
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_puts_before_the_proxies_words_is_not_heard() {
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.2"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &["10.0.0.0/8"]), "10.0.0.3");
        assert_eq!(seen("::1", &["2001:db8::7"], &["::1/128"]), "2001:db8::7");
    }
}
