//! The fields of a body, before they have types.
//!
//! What serde derives for a struct is compiled anew for each one: a visitor, a type for its names, a loop over its fields.
//! Here all that is there once, and a struct takes its fields one after the other. `#[resource]` writes its bodies so; a
//! hand may derive.

use std::fmt;
use std::iter::{Zip, zip};
use std::slice::Iter;
use std::vec::IntoIter;

use serde::Deserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde_json::Value;

/// The values of an object, in the order of the names that were asked for.
pub struct Parts(Zip<Iter<'static, &'static str>, IntoIter<Option<Value>>>);

impl Parts {
    /// Reads an object with fields of these names and no others.
    ///
    /// # Errors
    /// Those of the deserializer, and a name that is not among these or occurs twice.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D, names: &'static [&'static str]) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names(names)).map(|values| Self(zip(names, values)))
    }

    /// The next field, which has to be there.
    ///
    /// # Errors
    /// Those of its value, and that it is not there.
    pub fn required<T: DeserializeOwned, E: Error>(&mut self) -> Result<T, E> {
        match self.0.next() {
            Some((_, Some(value))) => T::deserialize(value).map_err(E::custom),
            Some((name, None)) => Err(E::missing_field(name)),
            None => Err(E::custom("more fields are asked for than were named")),
        }
    }

    /// The next field, if it is there; `null` is a value like others.
    ///
    /// # Errors
    /// Those of its value.
    pub fn present<T: DeserializeOwned, E: Error>(&mut self) -> Result<Option<T>, E> {
        let value = self.0.next().and_then(|(_, value)| value);
        value.map(T::deserialize).transpose().map_err(E::custom)
    }
}

struct Names(&'static [&'static str]);

impl<'de> Visitor<'de> for Names {
    type Value = Vec<Option<Value>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.0.len()];
        while let Some(name) = map.next_key::<String>()? {
            let known = zip(self.0, &mut values).find(|(known, _)| **known == name);
            match known {
                Some((known, Some(_))) => return Err(A::Error::duplicate_field(known)),
                Some((_, value)) => *value = Some(map.next_value()?),
                None => return Err(A::Error::unknown_field(&name, self.0)),
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Error, json};

    use super::*;

    const NAMES: &[&str] = &["name", "size"];

    fn read(sent: &str) -> Result<(String, Option<Option<i64>>), Error> {
        let mut parts = Parts::read(&mut serde_json::Deserializer::from_str(sent), NAMES)?;
        Ok((parts.required()?, parts.present()?))
    }

    #[test]
    fn fields_are_taken_in_the_order_of_their_names_however_they_were_sent() {
        assert_eq!(read(r#"{"size": 3, "name": "a"}"#).unwrap(), ("a".to_owned(), Some(Some(3))));
        assert_eq!(read(r#"{"name": "a", "size": null}"#).unwrap(), ("a".to_owned(), Some(None)));
        assert_eq!(read(r#"{"name": "a"}"#).unwrap(), ("a".to_owned(), None));
    }

    #[test]
    fn what_a_struct_of_serde_refuses_is_refused() {
        for (sent, told) in [
            (r#"{"size": 3}"#, "missing field `name`"),
            (r#"{"name": "a", "name": "b"}"#, "duplicate field `name`"),
            (r#"{"name": "a", "nmae": "b"}"#, "unknown field `nmae`, expected `name` or `size`"),
            (r#"{"name": null}"#, "invalid type: null, expected a string"),
            (r#"{"name": "a", "size": "b"}"#, "invalid type: string \"b\", expected i64"),
            (r#"["a", 3]"#, "invalid type: sequence, expected an object"),
        ] {
            let error = read(sent).unwrap_err().to_string();
            assert!(error.starts_with(told), "{sent}: {error}");
        }
    }

    #[test]
    fn no_more_fields_are_there_than_were_named() {
        let mut parts = Parts::read(json!({"name": "a"}), &["name"]).unwrap();
        assert_eq!(parts.required::<String, Error>().unwrap(), "a");
        assert!(parts.required::<String, Error>().is_err());
        assert_eq!(parts.present::<String, Error>().unwrap(), None);
    }
}
