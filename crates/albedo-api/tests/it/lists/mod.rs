//! Lists: what filters, sorting and search find, and that both databases find the same, byte for byte.

mod operators;
mod orders;
mod pages;
mod refusals;
mod rows;

use albedo_testing::{Backend, TestDatabase};

use self::rows::World;

/// Holds a list of queries against the rows that they should find, on both databases, and the two against each other.
async fn assert_finds(cases: &[(String, Vec<u128>)]) {
    let queries: Vec<_> = cases.iter().map(|(query, _)| query.clone()).collect();
    let mut faults = Vec::new();
    let answers = on_each(&queries).await;
    for (index, (query, wanted)) in cases.iter().enumerate() {
        for (backend, answers) in &answers {
            let found = rows::ids(&answers[index]);
            if found.as_ref() != Some(wanted) {
                faults.push(format!("{query}\n    {backend:?} finds {found:?}, not {wanted:?}"));
            }
        }
    }
    faults.extend(differences(&queries, &answers));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Holds the answers of the two databases against each other: status, `Link` and body.
async fn assert_alike(queries: &[String]) {
    let answers = on_each(queries).await;
    let faults: Vec<_> = differences(queries, &answers).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn differences<'a>(queries: &'a [String], answers: &'a [(Backend, Vec<String>)]) -> impl Iterator<Item = String> + 'a {
    let pairs = answers.windows(2).flat_map(|pair| pair[0].1.iter().zip(&pair[1].1));
    queries
        .iter()
        .cycle()
        .zip(pairs)
        .filter(|(_, (left, right))| left != right)
        .map(|(query, (left, right))| format!("{query}\n    SQLite answers {left}\n    PostgreSQL answers {right}"))
}

/// What each database that is installed answers.
async fn on_each(queries: &[String]) -> Vec<(Backend, Vec<String>)> {
    let mut answers = Vec::new();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if let Some(database) = TestDatabase::create(backend).await {
            answers.push((backend, World::build(database).await.answers(queries).await));
        }
    }
    answers
}
