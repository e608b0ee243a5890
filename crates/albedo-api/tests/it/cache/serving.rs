//! What is served from the cache, to whom, and how.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{assistant, behind_its_back, nest, on_both_layers, serve};
use crate::support::header;

on_both_layers! {
    async fn a_row_is_served_as_it_was_read(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let path = assistant(&ada, "Desk").await;
        let first = ada.get(&path).await;
        let (tag, kind) = (header(&first, "etag").map(str::to_owned), header(&first, "content-type").map(str::to_owned));
        let body = first.text().await.unwrap();
        behind_its_back(&app, "UPDATE assistants SET name = 'Changed', version = 7").await;
        let second = ada.get(&path).await;
        assert_eq!((header(&second, "etag"), header(&second, "content-type")), (tag.as_deref(), kind.as_deref()));
        assert_eq!(second.text().await.unwrap(), body);
        let known = ada.request(Method::GET, &path).header("If-None-Match", "\"1\"").send().await.unwrap();
        assert_eq!((known.status(), header(&known, "etag")), (StatusCode::NOT_MODIFIED, Some("\"1\"")));
        let other = ada.request(Method::GET, &path).header("If-None-Match", "\"7\"").send().await.unwrap();
        assert_eq!(other.status(), StatusCode::OK);
    }

    async fn nobody_is_given_what_is_anothers(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let paths = nest(&ada).await;
        // Asked by the wrong one first as well: that there is nothing is kept for her alone.
        for path in paths.iter().flat_map(|path| [path.clone(), path.rsplit_once('/').unwrap().0.to_owned()]) {
            let list = path.ends_with('s');
            let lists_her_own = list && path.matches('/').count() == 3;
            let hers = if lists_her_own { StatusCode::OK } else { StatusCode::NOT_FOUND };
            for _ in 0..2 {
                assert_eq!(eve.get(&path).await.status(), hers, "{path}");
                assert_eq!(ada.get(&path).await.status(), StatusCode::OK, "{path}");
                let nobody = app.request(Method::GET, &path).send().await.unwrap();
                assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED, "{path}");
            }
            assert_eq!(ada.read(&path).await.get("total").is_some(), list, "{path}");
        }
        assert_eq!(eve.read("/api/v1/assistants").await["total"], 0);
        // A row below another parent of the same owner is not there either.
        let elsewhere = assistant(&ada, "Other desk").await;
        let entity = paths[1].rsplit_once('/').unwrap().1;
        assert_eq!(ada.get(&format!("{elsewhere}/entities/{entity}")).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ada.get(&paths[1]).await.status(), StatusCode::OK);
    }

    async fn who_has_lost_a_role_is_given_nothing_that_is_kept(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let (ada, root) = (app.user("ada").await, app.admin().await);
        let city = root.create("/api/v1/cities", json!({"name": "Porto", "country_code": "PT"})).await;
        let path = format!("/api/v1/cities/{}", city["id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.status(), StatusCode::OK);
        let id = ada.read("/api/v1/users/me").await["id"].as_str().unwrap().to_owned();
        root.patch(&format!("/api/v1/users/{id}"), json!({"is_active": false})).await;
        assert_eq!(ada.get(&path).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(root.get(&path).await.status(), StatusCode::OK);
    }

    async fn lists_are_kept_where_the_resource_says_so(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        for name in ["Porto", "Braga"] {
            ada.create("/api/v1/cities", json!({"name": name, "country_code": "PT"})).await;
        }
        assistant(&ada, "Desk").await;
        let page = "/api/v1/cities?size=1&sort=name&page=2";
        let first = ada.get(page).await;
        let link = header(&first, "link").unwrap().to_owned();
        let body = first.text().await.unwrap();
        assert_eq!(ada.read("/api/v1/assistants").await["total"], 1);
        behind_its_back(&app, "UPDATE cities SET name = 'Lisboa' WHERE name = 'Porto'").await;
        behind_its_back(&app, "DELETE FROM assistants").await;
        let second = ada.get(page).await;
        assert_eq!(header(&second, "link"), Some(&*link));
        assert_eq!(second.text().await.unwrap(), body);
        // Another question is another answer.
        assert_eq!(ada.read("/api/v1/cities?name=Lisboa").await["total"], 1);
        assert_eq!(ada.read("/api/v1/assistants").await["total"], 0);
        assert_eq!(ada.get("/api/v1/cities?nmae=x").await.status(), StatusCode::BAD_REQUEST);
    }
}

on_both_layers! {
    async fn users_are_never_kept(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let root = app.admin().await;
        let id = root.read("/api/v1/users/me").await["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/users/{id}");
        let before = root.read(&path).await;
        behind_its_back(&app, "UPDATE users SET full_name = 'Ada'").await;
        let after = root.read(&path).await;
        assert_eq!((&before["full_name"], &after["full_name"]), (&json!(null), &json!("Ada")));
        assert_eq!(root.read("/api/v1/users").await["items"][0]["full_name"], "Ada");
    }
}

#[tokio::test]
async fn where_it_is_off_nothing_is_kept() {
    let app = crate::support::TestApp::on_sqlite(&[("ALBEDO_CACHE", "off")]).await;
    let ada = app.user("ada").await;
    let path = assistant(&ada, "Desk").await;
    assert_eq!(ada.read(&path).await["name"], "Desk");
    behind_its_back(&app, "UPDATE assistants SET name = 'Changed'").await;
    assert_eq!(ada.read(&path).await["name"], "Changed");
}

#[tokio::test]
async fn without_redis_an_answer_is_kept_for_two_seconds() {
    let app = crate::support::TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let path = assistant(&ada, "Desk").await;
    let started = std::time::Instant::now();
    assert_eq!(ada.read(&path).await["name"], "Desk");
    behind_its_back(&app, "UPDATE assistants SET name = 'Changed'").await;
    while ada.read(&path).await["name"] != "Changed" {
        assert!(started.elapsed() < std::time::Duration::from_secs(4));
    }
}
