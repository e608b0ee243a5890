//! The files of the two pages, Swagger UI and ReDoc. All of them are inside the program: no page asks another host.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use utoipa_swagger_ui::Config;

use super::file::File;

/// The files of a page by their name; the page itself has none.
pub(super) type Files = BTreeMap<&'static str, File>;

/// Where both pages find the document, from where they stand.
const DOCUMENT: &str = "../api/openapi.json";

/// Swagger UI loads what is ours, and draws its pictures out of its own style sheet.
const SWAGGER_UI_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// ReDoc makes style elements: empty ones that it fills through the object model, and one for its scroll bars. The two
/// hashes allow just these, and the second changes with ReDoc. Its search runs in a worker made out of its own text.
const REDOC_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
    'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; img-src 'self' data:; connect-src 'self'; \
    worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SWAGGER_UI_FILES: [&str; 7] = [
    "favicon-16x16.png",
    "favicon-32x32.png",
    "index.css",
    "swagger-initializer.js",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
];

/// Swagger UI, out of the crate that carries it.
pub(super) fn swagger_ui() -> Files {
    let config = Config::new([DOCUMENT])
        // Without the bar that loads other documents.
        .use_base_layout()
        .display_operation_id(true)
        .display_request_duration(true)
        .filter(true)
        .persist_authorization(true)
        .try_it_out_enabled(true)
        // The badge would ask a validator on another host.
        .validator_url("none");
    let config = Arc::new(config);
    let index = swagger_ui_file("", &config).map(|page| ("", page.with_policy(SWAGGER_UI_POLICY)));
    let others = SWAGGER_UI_FILES.into_iter().filter_map(|name| Some((name, swagger_ui_file(name, &config)?)));
    index.into_iter().chain(others).collect()
}

fn swagger_ui_file(name: &str, config: &Arc<Config<'static>>) -> Option<File> {
    let file = utoipa_swagger_ui::serve(name, Arc::clone(config)).ok()??;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let file_of = if file.gzpipped { File::packed } else { File::of_text };
    Some(file_of(&file.content_type, bytes))
}

/// ReDoc, out of `assets/`.
pub(super) fn redoc() -> Files {
    let bundle = Bytes::from_static(include_bytes!("../../assets/redoc.standalone.js.gz"));
    let text = |kind: &str, bytes| File::of_text(&format!("text/{kind}; charset=utf-8"), Bytes::from_static(bytes));
    let page = text("html", include_bytes!("../../assets/redoc.html"));
    Files::from([
        ("", page.with_policy(REDOC_POLICY)),
        ("redoc.css", text("css", include_bytes!("../../assets/redoc.css"))),
        ("redoc.js", text("javascript", include_bytes!("../../assets/redoc.js"))),
        ("redoc.standalone.js", File::packed("text/javascript; charset=utf-8", bundle)),
    ])
}
