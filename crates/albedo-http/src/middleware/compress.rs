//! Answers worth compressing, for clients who ask for that.
//!
//! Not actix's own layer, which wraps every body whatever its size, sends no length, and leaves a strong entity tag as it
//! is although other bytes stand under it. Whoever does not ask pays for one look at the length of the body.

use std::io::{self, Write};

use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::extract;

/// Shorter bodies fit a packet or two anyway.
const SHORTEST: u64 = 1_024;
/// Longer ones take milliseconds, which the other requests of a worker should not have to wait for.
const LONGEST_ON_WORKER: usize = 64 * 1_024;

/// The answer, compressed where that is worth it.
pub(super) async fn compress(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if response.status() == StatusCode::NOT_MODIFIED {
        keep_packed_tag(&mut response);
        return response;
    }
    let long = matches!(response.response().body().size(), BodySize::Sized(size) if size >= SHORTEST);
    if !long || !is_json(response.headers()) || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    // Caches must know it also from an answer that is not compressed.
    let varies = response.headers().get_all(header::VARY).any(|value| value == "Accept-Encoding");
    if !varies {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if !extract::accepts_gzip(response.request()) {
        return response;
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(plain) => match packed(plain.clone()).await {
            Ok(packed) => {
                mark(response.headers_mut());
                BoxBody::new(packed)
            }
            // Nobody needs it compressed.
            Err(_) => BoxBody::new(plain),
        },
        Err(stream) => stream,
    };
    ServiceResponse::new(request, response.set_body(body))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|value| value.starts_with(extract::JSON.as_bytes()))
}

async fn packed(plain: Bytes) -> io::Result<Bytes> {
    if plain.len() <= LONGEST_ON_WORKER {
        return pack(&plain);
    }
    actix_web::web::block(move || pack(&plain)).await.map_err(io::Error::other)?
}

fn pack(plain: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::fast());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?.into())
}

/// Other bytes than those of the plain answer, so another strong tag (RFC 9110, 8.8.3.3).
fn mark(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    if let Some(tag) = headers.get(header::ETAG).and_then(extract::packed_tag) {
        headers.insert(header::ETAG, tag);
    }
}

/// A client that has the compressed answer is told the tag of that.
fn keep_packed_tag(response: &mut ServiceResponse<BoxBody>) {
    let Some(tag) = response.headers().get(header::ETAG).and_then(extract::packed_tag) else { return };
    if holds(response.request(), &tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn holds(request: &HttpRequest, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let sent = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    sent.into_iter().any(|sent| sent.contains(tag))
}
