//! The two pages of the documentation, in a real browser that can reach nothing but the server.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by failing"
)]

mod browser;
mod page;
mod pipe;

use std::time::Duration;

use albedo_testing::AppProcess;
use browser::Browser;
use page::Page;
use serde_json::json;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "seven lanterns over the quiet harbour";

fn server() -> AppProcess {
    let environment = [("DATABASE_URL", "sqlite://browser.db?mode=rwc")];
    AppProcess::start(env!("CARGO_BIN_EXE_albedo-api"), &["serve"], &environment)
}

fn register(page: &mut Page) {
    let body = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let request = json!({"method": "POST", "headers": {"Content-Type": "application/json"}, "body": body});
    let sent = format!("fetch('/api/v1/auth/register', {request}).then(answer => answer.status)");
    assert_eq!(page.evaluate(&sent), 201);
}

#[test]
fn swagger_ui_signs_in_and_calls_an_operation() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    let mut page = browser.open(&format!("{}/docs", server.url()));
    register(&mut page);

    page.wait_for_text(".info .title", "Albedo API");
    page.wait_for_text(r#"[id^=operations-assistants-][id$=".list"]"#, "List assistants");

    // The dialog has a form for each way to sign in; the one with a name and a password is the OAuth 2 form.
    page.click(".auth-wrapper .authorize");
    page.type_into("#oauth_username", EMAIL);
    page.type_into("#oauth_password", PASSWORD);
    page.click(".auth-container:has(#oauth_password) .authorize");
    page.wait_for_text(".dialog-ux .auth-container button", "Logout");
    page.click(".dialog-ux .btn-done");

    let operation = r#"[id^=operations-auth-][id$=".me"]"#;
    page.click(&format!("{operation} .opblock-summary-control"));
    // The page finds out what an operation refers to only when it is opened, and cannot execute it before; until then it
    // has no example to show.
    page.wait_for_text(&format!("{operation} .model-example"), "last_login_at");
    page.click(&format!("{operation} .execute"));
    page.wait_for_text(&format!("{operation} .live-responses-table tbody .response-col_status"), "200");
    page.wait_for_text(&format!("{operation} .live-responses-table tbody .highlight-code"), EMAIL);
    page.is_at_peace(Duration::from_millis(300));
}

#[test]
fn redoc_shows_the_operations() {
    let Some(browser) = Browser::start() else { return };
    let server = server();
    let mut page = browser.open(&format!("{}/redoc", server.url()));
    page.wait_for_text("h1", "Albedo API");
    page.wait_for_text(r#"[id$="operation/assistants.list"]"#, "List assistants");
    // The search runs in a worker, which the page's policy has to allow.
    page.type_into("input[type=text]", "refresh the tokens");
    page.wait_for_text("[role=search] [role=menuitem]", "Refresh the tokens");
    page.is_at_peace(Duration::from_millis(300));
}
