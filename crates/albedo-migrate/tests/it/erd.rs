//! The diagram of the tables, as the command line draws it. It asks no database.

use albedo_migrate::cli::Project;
use serde_json::Value;

use crate::support::desk::call;
use crate::support::toy;

async fn says(arguments: &[&str]) -> String {
    let said = call(Project::new(Ok(toy::history())), arguments).await;
    assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
    said.out
}

#[tokio::test]
async fn tables_are_drawn_as_they_are_after_any_revision() {
    let whole = says(&["erd"]).await;
    assert!(whole.starts_with("erDiagram") && whole.contains("authors ||--o{ books : \"author_id\""), "{whole}");
    assert!(whole.contains("labels {") && !whole.contains("tags {"));
    let early = says(&["erd", "authors"]).await;
    assert!(early.contains("authors {") && !early.contains("books"), "{early}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("erd.svg");
    assert!(says(&["erd", "--format", "svg", "-o", file.to_str().unwrap()]).await.contains("3 tables drawn"));
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</svg>\n"));
    let json: Value = serde_json::from_str(&says(&["erd", "--json"]).await).unwrap();
    assert_eq!(json["tables"].as_object().unwrap().len(), 3);
    assert_eq!(call(Project::new(Ok(toy::history())), &["erd", "nobody"]).await.code, 2);
}

#[tokio::test]
async fn entities_are_drawn_when_the_project_names_them() {
    let none = call(Project::new(Ok(toy::history())), &["erd", "--entities"]).await;
    assert!(none.code == 2 && none.err.contains("Project::entities"), "{}", none.err);
}
