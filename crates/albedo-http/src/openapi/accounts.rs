//! Signing in and out, and one's own account.

use albedo_core::fault::{Code, Fault};
use albedo_core::field::Field;
use albedo_engine::auth::{Login, NewPassword, RefreshForm, Register};
use albedo_entities::{Shape, user};
use serde_json::json;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::{ComponentsBuilder, HttpMethod, ObjectBuilder, Paths, Type};

use super::headers::Answered;
use super::operations::{answer, body};
use super::problems::{OwnRefusal, Refusal, refuse, refuse_with};
use super::refusals::{BODY_REFUSALS, conflict, invalid};
use super::schemas::{create_body, text, typed};
use super::{PREFIX, public, signed_in};
use crate::extract::JSON;

/// The tag of these operations.
pub(super) const TAG: &str = "auth";

/// The media type of the OAuth 2 password form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where the OAuth 2 password form goes.
pub(super) const TOKEN_PATH: &str = "/api/v1/auth/token";

/// Adds the bodies and the answers.
pub(super) fn add_schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema("Register", create_body("What makes an account.", Register::fields()))
        .schema("Login", create_body("What signs in.", Login::fields()))
        .schema("RefreshToken", create_body("What goes on with a login, or ends it.", RefreshForm::fields()))
        .schema("NewPassword", create_body("What changes the password.", NewPassword::fields()))
        .schema("PasswordGrant", password_grant())
        .schema("Grant", grant())
}

/// Adds the operations.
pub(super) fn add(paths: &mut Paths) {
    let operations = [
        ("/auth/register", HttpMethod::Post, register()),
        ("/auth/login", HttpMethod::Post, login()),
        ("/auth/token", HttpMethod::Post, token()),
        ("/auth/refresh", HttpMethod::Post, refresh()),
        ("/auth/logout", HttpMethod::Post, logout()),
        ("/users/me", HttpMethod::Get, me()),
        ("/users/me/password", HttpMethod::Post, change_password()),
    ];
    for (path, method, operation) in operations {
        paths.add_path_operation(format!("{PREFIX}{path}"), vec![method], operation);
    }
}

fn register() -> Operation {
    let path = "/api/v1/auth/register";
    let description = "The new account has the role editor. Signing in with it comes next. Where accounts are made by \
        admins alone, nobody may do this.";
    let created = answer("The new user.", &[Answered::Location, Answered::ETag], Some(user_schema()));
    let operation = operation("register", "Register", description).response("201", created);
    let operation = with_body(public(operation), path, "Register", Register::fields());
    let taken = Fault::in_field("email", Code::Taken, "Another user has this email already.");
    let operation = refuse_with(operation, conflict("The address has an account.", path, Some(taken)));
    let closed = OwnRefusal {
        status: 403,
        title: "Forbidden",
        description: "Accounts are made by admins alone.".to_owned(),
        detail: "Your role does not reach for this.".to_owned(),
        instance: path.to_owned(),
        fault: None,
    };
    refuse_with(operation, closed).build()
}

fn login() -> Operation {
    let description = "The access token goes into `Authorization: Bearer`. The refresh token buys the next pair, once.";
    let operation = operation("login", "Log in", description);
    let path = "/api/v1/auth/login";
    let operation = with_body(granted(public(operation)), path, "Login", Login::fields());
    refuse_with(operation, wrong_credentials(path)).build()
}

fn token() -> Operation {
    let description =
        "The same as logging in, as an OAuth 2 password form (RFC 6749, 4.3), for tools that know no other way.";
    let operation = operation("token", "Log in with a form", description);
    let operation = granted(public(operation)).request_body(Some(body("PasswordGrant", &[FORM], None)));
    let fault = Fault::in_field("username", Code::Required, "This field is required.");
    let operation = refuse_with(operation, bad_request(TOKEN_PATH, "The form is incomplete or cannot be read.", fault));
    let operation = refuse(refuse_with(operation, wrong_credentials(TOKEN_PATH)), &BODY_REFUSALS);
    refuse(operation, &[Refusal::Failure, Refusal::Unavailable]).build()
}

fn refresh() -> Operation {
    let description = "Uses the refresh token up. One that was used before is taken for stolen: its whole login ends.";
    let operation = granted(public(operation("refresh", "Refresh the tokens", description)));
    let path = "/api/v1/auth/refresh";
    let dead = unauthorized(
        path,
        "The refresh token is not valid, was used before, or its login has ended.",
        "The token is not valid, has expired, or its session has ended; sign in again.",
    );
    refuse_with(with_body(operation, path, "RefreshToken", RefreshForm::fields()), dead).build()
}

fn logout() -> Operation {
    let description =
        "Ends the login that the refresh token belongs to. A token that nobody knows ends nothing, and is no fault.";
    let operation = public(operation("logout", "Log out", description));
    let operation = operation.response("204", answer("The login has ended.", &[], None));
    with_body(operation, "/api/v1/auth/logout", "RefreshToken", RefreshForm::fields()).build()
}

fn me() -> Operation {
    let operation = signed_in(operation("me", "Get one's own account", "The user who has signed in."));
    let operation = operation.response("200", answer("The user.", &[Answered::ETag], Some(user_schema())));
    let fault = Fault::in_parameter("size", Code::Unknown, "This operation has no query parameters.");
    let operation =
        refuse_with(operation, bad_request("/api/v1/users/me", "There is a query, which nobody reads.", fault));
    let refusals = [Refusal::NotSignedIn, Refusal::NotAcceptable, Refusal::Failure, Refusal::Unavailable];
    refuse(operation, &refusals).build()
}

fn change_password() -> Operation {
    let path = "/api/v1/users/me/password";
    let description = "Ends all logins of the account, this one too.";
    let operation = signed_in(operation("change_password", "Change one's password", description));
    let operation = operation.response("204", answer("The new password holds.", &[], None));
    let operation = with_body(operation, path, "NewPassword", NewPassword::fields());
    refuse(operation, &[Refusal::NotSignedIn]).build()
}

fn operation(name: &str, summary: &str, description: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(format!("{TAG}.{name}")))
        .tag(TAG)
        .summary(Some(summary))
        .description(Some(description))
}

fn granted(operation: OperationBuilder) -> OperationBuilder {
    operation.response("200", answer("A new pair of tokens.", &[], Some("Grant")))
}

/// The operation with its JSON body and what reading it can end in.
fn with_body(operation: OperationBuilder, path: &str, schema: &str, fields: &[Field]) -> OperationBuilder {
    let operation = operation.request_body(Some(body(schema, &[JSON], None)));
    let detail = "The body is empty; send a JSON object.";
    let empty = OwnRefusal {
        detail: detail.to_owned(),
        ..bad_request(
            path,
            "The body is no JSON, or there is a query, which nobody reads.",
            Fault::at("", Code::Required, detail),
        )
    };
    let operation = refuse(refuse_with(operation, empty), &BODY_REFUSALS);
    let required = fields.iter().find(|field| field.required);
    let fault = required.map(|field| Fault::in_field(field.name, Code::Required, "This field is required."));
    refuse(refuse_with(operation, invalid(path, fault)), &[Refusal::Failure, Refusal::Unavailable])
}

fn bad_request(path: &str, description: &str, fault: Fault) -> OwnRefusal {
    OwnRefusal {
        status: 400,
        title: "Bad Request",
        description: description.to_owned(),
        detail: "The request has parameters that are wrong; see errors.".to_owned(),
        instance: path.to_owned(),
        fault: Some(fault),
    }
}

fn wrong_credentials(path: &str) -> OwnRefusal {
    unauthorized(
        path,
        "The address or the password is wrong; which of them is not said.",
        "The email address or the password is wrong.",
    )
}

fn unauthorized(path: &str, description: &str, detail: &str) -> OwnRefusal {
    OwnRefusal {
        status: 401,
        title: "Unauthorized",
        description: description.to_owned(),
        detail: detail.to_owned(),
        instance: path.to_owned(),
        fault: None,
    }
}

fn user_schema() -> &'static str {
    <user::Entity as albedo_entities::Resource>::description().schema
}

/// The form of RFC 6749, 4.3. Others than these are ignored, as that standard says.
fn password_grant() -> ObjectBuilder {
    let fields: &[Field] = Login::fields();
    let described = |name: &str| fields.iter().find(|field| field.name == name).map_or("", |field| field.description);
    ObjectBuilder::new()
        .description(Some("What signs in, as an OAuth 2 password form."))
        .property("grant_type", typed(Type::String, None).enum_values(Some(["password"])).examples(["password"]))
        .property("username", text(described("email"), "ada@example.com"))
        .property(
            "password",
            typed(Type::String, Some("password"))
                .description(Some(described("password")))
                .examples(["correct horse battery staple"]),
        )
        .property("scope", text("Ignored: the role says what one may do.", ""))
        .required("username")
        .required("password")
}

fn grant() -> ObjectBuilder {
    let seconds = typed(Type::Integer, Some("int64")).minimum(Some(1)).examples([900]);
    ObjectBuilder::new()
        .description(Some("What one gets by signing in."))
        .property("access_token", text("Goes into `Authorization: Bearer`.", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"))
        .property(
            "refresh_token",
            text("Buys the next pair of tokens, once.", "art_019b0c5e6f7a7d0e9f3b2f0c1c9f4e11.c2VjcmV0"),
        )
        .property("token_type", typed(Type::String, None).enum_values(Some([json!("Bearer")])).examples(["Bearer"]))
        .property("expires_in", seconds.description(Some("Seconds that the access token lives.")))
        .required("access_token")
        .required("refresh_token")
        .required("token_type")
        .required("expires_in")
}
