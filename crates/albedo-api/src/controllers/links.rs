//! Addresses in answers: where a new row is, and the pages around a page (RFC 8288).

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use albedo_core::listing;
use uuid::Uuid;

/// The address of a row below its list.
#[must_use]
pub(super) fn below(list: &str, id: Uuid) -> HeaderValue {
    let address = format!("{}/{id}", list.trim_end_matches('/'));
    // The path has been parsed as a URI already, so it holds nothing that a header could not.
    HeaderValue::from_str(&address).unwrap_or_else(|_| HeaderValue::from_static("/"))
}

/// The `Link` header of page `page` of `pages`; none for a list of one page.
#[must_use]
pub(super) fn pages(request: &HttpRequest, page: u64, pages: u64) -> Option<HeaderValue> {
    if pages == 0 || (pages == 1 && page == 1) {
        return None;
    }
    // Past the end, the page before is the last one there is.
    let previous = (page > 1).then(|| (page - 1).min(pages));
    let next = (page < pages).then_some(page + 1);
    let relations = [("first", Some(1)), ("prev", previous), ("next", next), ("last", Some(pages))];
    let links = relations.into_iter().filter_map(|(relation, page)| {
        Some(format!("<{}>; rel=\"{relation}\"", address(request.path(), request.query_string(), page?)))
    });
    HeaderValue::from_str(&links.collect::<Vec<_>>().join(", ")).ok()
}

/// The same query with another page.
fn address(path: &str, query: &str, page: u64) -> String {
    let others = query.split('&').filter(|pair| !pair.is_empty() && !names_page(pair));
    let mut address = format!("{path}?");
    for pair in others {
        // What stands in angle brackets must not hold any; `Link` knows no escape for them.
        address.push_str(&pair.replace('<', "%3C").replace('>', "%3E"));
        address.push('&');
    }
    address.push_str(&format!("page={page}"));
    address
}

/// Whether the pair is the page's own, however its name is escaped.
fn names_page(pair: &str) -> bool {
    listing::pairs(pair).is_ok_and(|pairs| pairs.first().is_some_and(|(name, _)| name == "page"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn pages_keep_the_rest_of_the_query() {
        let request = TestRequest::with_uri("/api/v1/cities?sort=-name&page=2&size=1&q=a%20b").to_http_request();
        let link = pages(&request, 2, 3).unwrap();
        let address = |page| format!("</api/v1/cities?sort=-name&size=1&q=a%20b&page={page}>");
        let expected = [("first", 1), ("prev", 1), ("next", 3), ("last", 3)];
        let expected = expected.map(|(relation, page)| format!("{}; rel=\"{relation}\"", address(page))).join(", ");
        assert_eq!(link.to_str().unwrap(), expected);
    }

    #[test]
    fn an_escaped_page_is_a_page() {
        let request = TestRequest::with_uri("/c?%70age=1&pages=3").to_http_request();
        assert!(pages(&request, 1, 2).unwrap().to_str().unwrap().starts_with("</c?pages=3&page=1>;"));
    }

    #[test]
    fn past_the_end_the_way_back_leads_to_the_last_page() {
        let request = TestRequest::with_uri("/c?page=9").to_http_request();
        assert_eq!(
            pages(&request, 9, 2).unwrap().to_str().unwrap(),
            r#"</c?page=1>; rel="first", </c?page=2>; rel="prev", </c?page=2>; rel="last""#
        );
        assert_eq!(pages(&request, 1, 1), None);
        assert_eq!(pages(&request, 1, 0), None);
    }
}
