//! What limits add to every operation that is counted: a refusal, and headers on its answers.

use utoipa::openapi::{Paths, Ref, RefOr};

use super::headers::Answered;
use super::{health, problems::Refusal};

/// Adds them. Health is never counted.
pub(super) fn add(paths: &mut Paths) {
    let items = paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete]);
    for operation in operations.flatten() {
        if operation.tags.iter().flatten().any(|tag| tag == health::TAG) {
            continue;
        }
        let responses = &mut operation.responses.responses;
        for (status, response) in responses.iter_mut() {
            let RefOr::T(response) = response else { continue };
            if status.starts_with(['2', '3']) {
                for header in Answered::COUNTED {
                    response.headers.insert(header.name().to_owned(), RefOr::Ref(header.reference()));
                }
            }
        }
        responses.insert("429".to_owned(), RefOr::Ref(Ref::from_response_name(Refusal::TooMany.name())));
    }
}
