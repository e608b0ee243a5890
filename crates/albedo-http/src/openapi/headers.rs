//! Response headers, each described once among the components.

use utoipa::openapi::{ComponentsBuilder, Header, HeaderBuilder, Ref, ResponseBuilder, Type};

use super::schemas::typed;

/// A header that some answers have.
#[derive(Clone, Copy)]
pub(super) enum Answered {
    DryRun,
    ETag,
    IdempotencyReplayed,
    Link,
    Location,
    RateLimit,
    RateLimitPolicy,
    RequestId,
    RetryAfter,
    WwwAuthenticate,
}

impl Answered {
    const ALL: [Self; 10] = [
        Self::DryRun,
        Self::ETag,
        Self::IdempotencyReplayed,
        Self::Link,
        Self::Location,
        Self::RateLimit,
        Self::RateLimitPolicy,
        Self::RequestId,
        Self::RetryAfter,
        Self::WwwAuthenticate,
    ];

    /// On the answers of operations that are counted.
    pub(super) const COUNTED: [Self; 2] = [Self::RateLimit, Self::RateLimitPolicy];

    pub(super) fn reference(self) -> Ref {
        Ref::new(format!("#/components/headers/{}", self.name()))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DryRun => "Dry-Run",
            Self::ETag => "ETag",
            Self::IdempotencyReplayed => "Idempotency-Replayed",
            Self::Link => "Link",
            Self::Location => "Location",
            Self::RateLimit => "RateLimit",
            Self::RateLimitPolicy => "RateLimit-Policy",
            Self::RequestId => "X-Request-Id",
            Self::RetryAfter => "Retry-After",
            Self::WwwAuthenticate => "WWW-Authenticate",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::DryRun => "`true` where `dry_run` was asked for: nothing of this was kept.",
            Self::IdempotencyReplayed => "`true` where the answer is that of an earlier request with the same key.",
            Self::ETag => "State of the row, for `If-Match` and `If-None-Match`.",
            Self::Link => {
                "The first, previous, next and last page (RFC 8288), where there are such; the last one where all were counted."
            }
            Self::Location => "Where the new row is.",
            Self::RateLimit => "What is left of the rate: `r` requests at once, and all of it again in `t` seconds.",
            Self::RateLimitPolicy => "The rate, where there is one: `q` requests in `w` seconds.",
            Self::RequestId => "The id of this request, in the log as well: the one that was sent, or a new one.",
            Self::RetryAfter => "Seconds to wait before trying again.",
            Self::WwwAuthenticate => "How to sign in.",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::DryRun | Self::IdempotencyReplayed => "true",
            Self::ETag => "\"3\"",
            Self::Link => "</api/v1/cities?page=2&size=50>; rel=\"next\"",
            Self::Location => "/api/v1/cities/01a20674-1715-76ed-8847-8036cb1fa3c5",
            Self::RateLimit => "\"user\";r=2999;t=1",
            Self::RateLimitPolicy => "\"user\";q=3000;w=60",
            Self::RequestId => "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11",
            Self::RetryAfter => "1",
            Self::WwwAuthenticate => "Bearer error=\"invalid_token\"",
        }
    }

    fn header(self) -> Header {
        let schema = match self {
            Self::RetryAfter => typed(Type::Integer, None).minimum(Some(0)).examples([1]),
            Self::DryRun | Self::IdempotencyReplayed => typed(Type::Boolean, None).examples([true]),
            Self::ETag => typed(Type::String, None)
                .pattern(Some("^\"[0-9]+(\\.[0-9a-f]{16})?(-gzip)?\"$"))
                .examples([self.example()]),
            _ => typed(Type::String, None).examples([self.example()]),
        };
        HeaderBuilder::new().schema(Some(schema)).description(Some(self.description())).build()
    }
}

/// Adds all of them to the components.
pub(super) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let all = Answered::ALL.into_iter();
    all.fold(components, |components, header| components.header(header.name(), header.header()))
}

/// The answer with these headers, and with the one that every answer has.
pub(super) fn with(response: ResponseBuilder, headers: &[Answered]) -> ResponseBuilder {
    headers
        .iter()
        .chain([&Answered::RequestId])
        .fold(response, |response, header| response.header_ref(header.name(), header.reference()))
}
