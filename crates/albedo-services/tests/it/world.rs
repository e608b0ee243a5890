//! Services on a test's own database, and somebody who asks them.

use std::sync::Arc;

use albedo_core::cache::Cache;
use albedo_core::fault::{Faults, Place};
use albedo_core::settings::{Settings, Sources};
use albedo_entities::{Role, user};
use albedo_services::{Access, Caller, CrudService, RequestId, Rules, ServiceError, Services, Shared};
use albedo_testing::TestDatabase;
use chrono::Utc;
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) caller: Caller,
    // Dropped last.
    _database: TestDatabase,
}

impl World {
    pub(crate) async fn build(database: TestDatabase) -> Self {
        let settings = Settings::load(&Sources::new(None, [])).unwrap();
        let shared = Arc::new(Shared::start(settings.security, Cache::start(&settings.cache, None).unwrap()).unwrap());
        let services = Services::new(database.open().await, shared);
        let caller = Caller {
            user: Uuid::now_v7(),
            session: Uuid::now_v7(),
            role: Role::Editor,
            request: RequestId::of("request-7"),
        };
        let row = user::ActiveModel {
            id: Set(caller.user),
            email: Set("ada@example.com".to_owned()),
            password_hash: Set("none".to_owned()),
            full_name: Set(None),
            role: Set(caller.role),
            is_active: Set(true),
            email_verified_at: Set(None),
            last_login_at: Set(None),
            version: Set(1),
            created_at: Set(Utc::now()),
            updated_at: Set(Utc::now()),
        };
        user::Entity::insert(row).exec_without_returning(services.database().write()).await.unwrap();
        Self { services, caller, _database: database }
    }

    /// The verbs of a resource that has no parents.
    pub(crate) fn of<R: Rules>(&self) -> CrudService<'_, R> {
        CrudService::of(&self.services, &self.caller, Access::Write, Vec::new()).unwrap()
    }
}

/// The places and codes of an error that has some.
pub(crate) fn told<T: std::fmt::Debug>(outcome: Result<T, ServiceError>) -> Vec<String> {
    let faults: Faults = match outcome {
        Err(ServiceError::Invalid(faults) | ServiceError::Conflict(faults)) => faults,
        other => panic!("{other:?}"),
    };
    let text = |place: &Place| match place {
        Place::Pointer(place) | Place::Parameter(place) | Place::Header(place) => place.clone(),
    };
    faults.as_slice().iter().map(|fault| format!("{} {:?}", text(&fault.place), fault.code)).collect()
}
