//! Addresses in answers: where a new row is, and the pages around a page (RFC 8288).

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use albedo_core::listing;
use albedo_engine::Around;
use uuid::Uuid;

/// The address of a row below its list.
#[must_use]
pub(super) fn below(list: &str, id: Uuid) -> String {
    format!("{}/{id}", list.trim_end_matches('/'))
}

/// An address as a header. A path has been parsed as a URI already, so it holds nothing that a header could not.
#[must_use]
pub(super) fn header(address: &str) -> HeaderValue {
    HeaderValue::from_str(address).unwrap_or_else(|_| HeaderValue::from_static("/"))
}

/// The `Link` header of a page; none for a list of one page. The last page is told where all were counted.
#[must_use]
pub(super) fn around(request: &HttpRequest, around: &Around, counted: bool) -> Option<HeaderValue> {
    match around {
        Around::Pages { page, pages } => numbered(request, *page, *pages, counted),
        Around::Addresses { prev: None, next: None } => None,
        Around::Addresses { prev, next } => {
            let first = at_cursor(request, "");
            written([("first", Some(first)), ("prev", prev.clone()), ("next", next.clone())])
        }
    }
}

/// The address of the same list at another cursor.
#[must_use]
pub(super) fn at_cursor(request: &HttpRequest, cursor: &str) -> String {
    address(request, "cursor", cursor)
}

fn numbered(request: &HttpRequest, page: u64, pages: u64, counted: bool) -> Option<HeaderValue> {
    if pages == 0 || (pages == 1 && page == 1) {
        return None;
    }
    // Past the end, the page before is the last one there is.
    let previous = (page > 1).then(|| (page - 1).min(pages));
    let next = (page < pages).then_some(page + 1);
    let relations = [("first", Some(1)), ("prev", previous), ("next", next), ("last", counted.then_some(pages))];
    written(relations.map(|(relation, page)| (relation, page.map(|page| address(request, "page", &page.to_string())))))
}

fn written<const N: usize>(relations: [(&str, Option<String>); N]) -> Option<HeaderValue> {
    let links =
        relations.into_iter().filter_map(|(relation, address)| Some(format!("<{}>; rel=\"{relation}\"", address?)));
    HeaderValue::from_str(&links.collect::<Vec<_>>().join(", ")).ok()
}

/// The same query at another place.
fn address(request: &HttpRequest, name: &str, place: &str) -> String {
    let others = request.query_string().split('&').filter(|pair| !pair.is_empty() && !names(pair, name));
    let mut address = format!("{}?", request.path());
    for pair in others {
        // What stands in angle brackets must not hold any; `Link` knows no escape for them.
        address.push_str(&pair.replace('<', "%3C").replace('>', "%3E"));
        address.push('&');
    }
    address.push_str(&format!("{name}={place}"));
    address
}

/// Whether the pair is that of this parameter, however its name is escaped.
fn names(pair: &str, parameter: &str) -> bool {
    listing::pairs(pair).is_ok_and(|pairs| pairs.first().is_some_and(|(name, _)| name == parameter))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn pages(request: &HttpRequest, page: u64, pages: u64) -> Option<HeaderValue> {
        around(request, &Around::Pages { page, pages }, true)
    }

    #[test]
    fn where_nobody_counts_there_is_no_last_page() {
        let request = TestRequest::with_uri("/c?page=2&count=none").to_http_request();
        let link = around(&request, &Around::Pages { page: 2, pages: 3 }, false).unwrap();
        let expected = [("first", 1), ("prev", 1), ("next", 3)];
        let expected = expected.map(|(relation, page)| format!("</c?count=none&page={page}>; rel=\"{relation}\""));
        assert_eq!(link.to_str().unwrap(), expected.join(", "));
    }

    #[test]
    fn cursors_keep_the_rest_of_the_query() {
        let request = TestRequest::with_uri("/c?sort=-name&cursor=abc&q=%3Cb").to_http_request();
        assert_eq!(at_cursor(&request, "x_-"), "/c?sort=-name&q=%3Cb&cursor=x_-");
        let next = at_cursor(&request, "x");
        let link = around(&request, &Around::Addresses { prev: None, next: Some(next) }, false).unwrap();
        let expected = ["", "x"].map(|cursor| format!("</c?sort=-name&q=%3Cb&cursor={cursor}>"));
        assert_eq!(link.to_str().unwrap(), format!("{}; rel=\"first\", {}; rel=\"next\"", expected[0], expected[1]));
        assert_eq!(around(&request, &Around::Addresses { prev: None, next: None }, false), None);
    }

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
