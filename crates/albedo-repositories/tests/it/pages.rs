//! Totals: right on every page, whether they were counted or followed from the rows.

use albedo_core::listing::{ListRequest, PageRequest, read};
use albedo_entities::{Resource, city};
use albedo_repositories::{Repository, Scope};
use albedo_testing::on_both_databases;
use uuid::Uuid;

use crate::rows::{city, now};

on_both_databases! {
    async fn every_page_of_every_size_knows_the_total(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        for total in 0..=5_u64 {
            for size in 1..=6 {
                for page in 1..=7 {
                    let request = ListRequest { page: PageRequest { page, size }, ..ListRequest::default() };
                    let found = rows.page(&request).await.unwrap();
                    let expected = total.saturating_sub((page - 1) * size).min(size);
                    assert_eq!((found.total, found.items.len() as u64), (Some(total), expected), "{page} of {size}");
                }
            }
            rows.insert(city(&format!("City {total}")), now()).await.unwrap();
        }
    }

    async fn a_page_that_no_list_can_have_is_empty(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        rows.insert(city("Porto"), now()).await.unwrap();
        for page in [PageRequest::MAX_PAGE, u64::MAX, 0] {
            let request = ListRequest { page: PageRequest { page, size: 200 }, ..ListRequest::default() };
            let found = rows.page(&request).await.unwrap();
            assert_eq!((found.total, found.items.len()), (Some(1), 0), "{page}");
        }
    }

    async fn filters_count_too(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        for number in 0..7 {
            rows.insert(city(&format!("City {number}")), now()).await.unwrap();
        }
        for (query, total, items) in [
            ("name__ne=City 3&size=2&page=2", 6, 2),
            ("q=city&size=3", 7, 3),
            ("name__in=City 1,City 2", 2, 2),
            ("population__is_null=false", 0, 0),
        ] {
            let request = read(city::Entity::description().fields, query).unwrap();
            let page = rows.page(&request).await.unwrap();
            assert_eq!((page.total, page.items.len()), (Some(total), items), "{query}");
        }
    }
}
