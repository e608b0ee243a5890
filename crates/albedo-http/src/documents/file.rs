//! One file as clients get it: compressed once, with an entity tag.

use std::io::{self, Read, Write};

use actix_web::http::header::{self, ContentEncoding, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::error::ApiError;
use crate::extract;

/// A file in memory. Large ones are kept compressed alone: browsers take them so, and nobody else asks for them.
#[derive(Clone, Debug)]
pub(super) struct File {
    content_type: String,
    policy: Option<&'static str>,
    packed: Bytes,
    plain: Option<Bytes>,
}

impl File {
    /// A text, compressed here.
    pub(super) fn of_text(content_type: &str, text: Bytes) -> Self {
        let packed = pack(&text);
        Self { plain: Some(text), ..Self::packed(content_type, packed.into()) }
    }

    /// A file that is compressed already.
    pub(super) fn packed(content_type: &str, packed: Bytes) -> Self {
        Self { content_type: content_type.to_owned(), policy: None, packed, plain: None }
    }

    /// The same as a page, which says what a browser may load with it.
    pub(super) fn with_policy(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// The answer, compressed if the client takes that.
    ///
    /// # Errors
    /// 500 where the file is damaged.
    pub(super) async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let tag = self.entity_tag();
        let mut response = HttpResponse::Ok();
        response
            .insert_header(header::ETag(tag.clone()))
            .insert_header((header::VARY, "Accept-Encoding"))
            // Asked for again each time, which costs a 304: a new version of the server is seen at once.
            .insert_header((header::CACHE_CONTROL, "no-cache"));
        if let Some(policy) = self.policy {
            response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        }
        if has_it(request, &tag) {
            return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
        }
        response.content_type(self.content_type.as_str());
        if extract::accepts_gzip(request) {
            return Ok(response.insert_header(ContentEncoding::Gzip).body(self.packed.clone()));
        }
        if let Some(plain) = &self.plain {
            return Ok(response.body(plain.clone()));
        }
        let packed = self.packed.clone();
        // Some milliseconds for the largest one, which other requests of this worker should not have to wait for.
        let text = web::block(move || unpack(&packed)).await;
        match text {
            Ok(Ok(text)) => Ok(response.body(text)),
            Ok(Err(error)) => Err(ApiError::panicked(error.to_string())),
            Err(error) => Err(ApiError::panicked(error.to_string())),
        }
    }

    /// Checksum and length, with which every gzip file ends (RFC 1952). Weak, as it stands for both encodings.
    fn entity_tag(&self) -> EntityTag {
        let end = self.packed.len().saturating_sub(8);
        let trailer = self.packed.iter().skip(end);
        EntityTag::new_weak(trailer.map(|byte| format!("{byte:02x}")).collect())
    }
}

fn has_it(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[expect(clippy::expect_used, reason = "a vector takes every byte")]
fn pack(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut text)?;
    Ok(text)
}
