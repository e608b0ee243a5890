//! What the macro makes of relations is what SeaORM makes of them: the same tables, declared with it and without.

use sea_orm::{Related, RelatedSelfVia, RelationTrait};

/// A harbour with its ships and what they are to each other, as resources or as SeaORM alone knows them.
macro_rules! fleet {
    ($fleet:ident, resources: $resources:meta, alone: $alone:meta) => {
        mod $fleet {
            #![expect(unreachable_pub, reason = "it is written as it would be in the entities' own crate")]
            // What is expected to be dead counts as used, and then the expectation is not met.
            #![cfg_attr($alone, allow(dead_code, reason = "SeaORM alone writes more than is compared"))]

            pub mod harbour {
                //! Harbours.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/harbours", tag = "harbours", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "harbours")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    pub version: i64,
                    #[sea_orm(has_one)]
                    pub light: HasOne<super::light::Entity>,
                    #[sea_orm(has_many, relation_enum = "Fleet", via_rel = "Home")]
                    pub ships: HasMany<super::ship::Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod light {
                //! Lighthouses.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/lights", tag = "lights", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "lights")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    #[sea_orm(unique)]
                    pub harbour_id: Uuid,
                    pub version: i64,
                    #[sea_orm(belongs_to, from = "Column::HarbourId", to = "id", on_update = "Cascade", skip_fk)]
                    pub harbour: BelongsTo<super::harbour::Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod ship {
                //! Ships.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/ships", tag = "ships", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "ships")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    pub home_id: Uuid,
                    pub port_id: Option<Uuid>,
                    pub flagship_id: Option<Uuid>,
                    pub version: i64,
                    #[sea_orm(belongs_to, relation_enum = "Home", from = "home_id", to = "id", on_delete = "Restrict")]
                    pub home: BelongsTo<super::harbour::Entity>,
                    #[sea_orm(belongs_to, relation_enum = "Port", from = "port_id", to = "id", on_delete = "SetNull")]
                    pub port: BelongsTo<Option<super::harbour::Entity>>,
                    #[sea_orm(self_ref, relation_enum = "Flagship", from = "flagship_id", to = "id")]
                    pub flagship: BelongsTo<Option<Entity>>,
                    #[sea_orm(self_ref, relation_enum = "Escort", relation_reverse = "Flagship")]
                    pub escorts: HasMany<Entity>,
                    #[sea_orm(has_many, via = "berth")]
                    pub sailors: HasMany<super::sailor::Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod sailor {
                //! Sailors.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/sailors", tag = "sailors", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "sailors")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    pub version: i64,
                    #[sea_orm(has_many, via = "berth::Sailor")]
                    pub ships: HasMany<super::ship::Entity>,
                    #[sea_orm(self_ref, via = "friend", from = "One", to = "Other")]
                    pub friends: HasMany<Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod berth {
                //! Who sails on which ship.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/berths", tag = "berths", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "berths")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    pub ship_id: Uuid,
                    pub sailor_id: Uuid,
                    pub version: i64,
                    #[sea_orm(belongs_to, from = "(ship_id)", to = "(id)", on_delete = "Cascade")]
                    pub ship: BelongsTo<super::ship::Entity>,
                    #[sea_orm(belongs_to, from = "sailor_id", to = "id", on_delete = "Cascade")]
                    pub sailor: BelongsTo<super::sailor::Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod friend {
                //! Which sailors are friends.
                use sea_orm::entity::prelude::*;

                #[cfg_attr($resources, albedo_entities::resource(path = "/friends", tag = "friends", methods = [get]))]
                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "friends")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: Uuid,
                    pub one_id: Uuid,
                    pub other_id: Uuid,
                    pub version: i64,
                    #[sea_orm(belongs_to, relation_enum = "One", from = "one_id", to = "id")]
                    pub one: BelongsTo<super::sailor::Entity>,
                    #[sea_orm(belongs_to, relation_enum = "Other", from = "other_id", to = "id")]
                    pub other: BelongsTo<super::sailor::Entity>,
                }

                #[cfg($alone)]
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(super) fn relations() -> Vec<String> {
                use super::{told, told_way};
                [
                    told::<harbour::Relation>(),
                    told::<light::Relation>(),
                    told::<ship::Relation>(),
                    told::<sailor::Relation>(),
                    told::<berth::Relation>(),
                    told::<friend::Relation>(),
                    told_way::<light::Entity, harbour::Entity>(),
                    told_way::<harbour::Entity, light::Entity>(),
                    told_way::<harbour::Entity, ship::Entity>(),
                    told_way::<ship::Entity, sailor::Entity>(),
                    told_way::<sailor::Entity, ship::Entity>(),
                    super::told_way_to_itself::<sailor::Entity, friend::Entity>(),
                ]
                .concat()
            }
        }
    };
}

fleet!(resources, resources: all(), alone: any());
fleet!(alone, resources: any(), alone: all());

fn told<R: RelationTrait>() -> Vec<String> {
    R::iter().map(|relation| format!("{relation:?}: {:?}", relation.def())).collect()
}

fn told_way<E: Related<R>, R: sea_orm::EntityTrait>() -> Vec<String> {
    vec![format!("{:?} by {:?}", E::to(), E::via())]
}

fn told_way_to_itself<E: RelatedSelfVia<R>, R: sea_orm::EntityTrait>() -> Vec<String> {
    vec![format!("{:?} by {:?}", E::to(), E::via())]
}

#[test]
fn relations_of_a_resource_are_those_that_sea_orm_would_make() {
    let made = resources::relations();
    assert_eq!(made.len(), 17, "{made:#?}");
    assert_eq!(made, alone::relations());
}
