//! Bodies sent in chunks that nobody reads to their end.
//!
//! After an answer actix reads such a body on, for as long as the client cares to send and without any deadline, where the
//! reader is gone; where it is still there, actix closes the connection. So the answer holds the reader until it is sent.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use bytes::Bytes;
use futures_util::Stream;

/// The reader of one body, shared by the handler and the answer.
#[derive(Clone)]
pub(super) struct Held(Rc<RefCell<Payload>>);

/// Keeps the reader of a chunked body. One of a known length is closed upon by actix itself.
pub(super) fn hold(request: &mut ServiceRequest) -> Option<Held> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let held = Held(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    Some(held)
}

/// Lets go of the reader when the answer has been sent.
pub(super) fn release_after(response: ServiceResponse<BoxBody>, held: Option<Held>) -> ServiceResponse<BoxBody> {
    match held {
        Some(held) => response.map_body(|_, body| BoxBody::new(Holding { body, _held: held })),
        None => response,
    }
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

struct Holding {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
