//! A shop with two tables and its own command line.
//!
//! `DATABASE_URL=sqlite://shop.db?mode=rwc cargo run -p albedo-migrate --example shop -- migrate`, then `status`,
//! `graph`, `sql`, `rollback`.

use std::process::ExitCode;

use albedo_migrate::cli::{self, Project};
use albedo_migrate::prelude::*;

const CREATE_CUSTOMERS: Migration = Migration {
    id: "a1c0ffee0001",
    after: &[],
    depends_on: &[],
    labels: &[],
    message: "create customers",
    up: |op| {
        op.create_table("customers", |table| {
            table.integer("id").primary_key().auto_increment();
            table.string("email", 200).not_null().unique();
            table.timestamps();
        });
    },
    down: |op| op.drop_table("customers"),
};

const CREATE_ORDERS: Migration = Migration {
    id: "a1c0ffee0002",
    after: &["a1c0ffee0001"],
    message: "create orders",
    up: |op| {
        op.create_table("orders", |table| {
            table.integer("id").primary_key().auto_increment();
            table.integer("customer_id").not_null().references("customers", "id").on_delete(Action::Cascade).indexed();
            table.decimal("total", 10, 2).not_null().default(0);
            table.check("total", "total >= 0");
        });
    },
    down: |op| op.drop_table("orders"),
    ..CREATE_CUSTOMERS
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cli::run(Project::new(History::new([CREATE_CUSTOMERS, CREATE_ORDERS]))).await
}
