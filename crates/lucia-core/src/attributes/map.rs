use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::AttributesError;

/// The application's own columns of a user or a session: an ordered map from names to JSON values.
///
/// The order is that of the JSON that Lucia JS writes. Attributes convert from and into typed structs. `Debug` shows
/// the names and hides the values.
///
/// ```
/// use lucia_core::Attributes;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Profile {
///     username: String,
///     age: Option<u32>,
/// }
///
/// let profile = Profile { username: "ada".into(), age: None };
/// let attributes = Attributes::from_serialize(&profile)?;
/// assert_eq!(attributes.get("username"), Some(&"ada".into()));
/// assert_eq!(attributes.deserialize::<Profile>()?, profile);
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// Creates an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Converts the fields of a struct, or the entries of a map.
    ///
    /// A unit, a unit struct and `None` have no attributes.
    ///
    /// # Errors
    /// Returns [`AttributesError::NotAMap`] or [`AttributesError::Unrepresentable`].
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, AttributesError> {
        let json = serde_path_to_error::serialize(value, serde_json::value::Serializer)
            .map_err(|error| AttributesError::unrepresentable(&error))?;
        match json {
            Value::Object(map) => Ok(Self(map)),
            Value::Null => Ok(Self::new()),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(AttributesError::NotAMap),
        }
    }

    /// Converts into an application's own type. Attributes without a field in the type are ignored.
    ///
    /// # Errors
    /// Returns [`AttributesError::Mismatch`], which names the field but not its value.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, AttributesError> {
        // Tracks the path only after a failure, because this runs on every request.
        T::deserialize(&self.0)
            .or_else(|_| serde_path_to_error::deserialize(&self.0).map_err(|error| AttributesError::mismatch(&error)))
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns `true` if the attribute exists, even if its value is null.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sets an attribute and returns its previous value. A new name is appended.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(name.into(), value.into())
    }

    /// Removes an attribute and returns its value. The order of the others is kept.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// Sets every attribute in `changes`, including nulls, as a partial update does to a stored row.
    pub fn merge(&mut self, changes: &Self) {
        for (name, value) in changes.iter() {
            match self.0.get_mut(name) {
                Some(stored) => stored.clone_from(value),
                None => drop(self.0.insert(name.to_owned(), value.clone())),
            }
        }
    }

    /// Returns an iterator over names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the number of attributes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Rejects attributes that must not be written: with the name of a field of the row, or nested too deeply to be
    /// read.
    pub(crate) fn writable(self, reserved: &[&str]) -> Result<Self, AttributesError> {
        let attributes = self.unreserved(reserved)?;
        let too_deep = attributes.iter().find(|(_, value)| is_deeper(value, MAX_DEPTH));
        match too_deep.map(|(name, _)| name.to_owned()) {
            Some(name) => Err(AttributesError::TooDeep { name, limit: MAX_DEPTH }),
            None => Ok(attributes),
        }
    }

    /// Rejects the names of the row's own fields.
    pub(crate) fn unreserved(self, reserved: &[&str]) -> Result<Self, AttributesError> {
        match reserved.iter().find(|name| self.contains(name)) {
            Some(name) => Err(AttributesError::Reserved { name: (*name).to_owned() }),
            None => Ok(self),
        }
    }
}

/// The largest depth of nested arrays and objects, which is MySQL's. JSON parsers stop at 128, including the session's
/// level.
const MAX_DEPTH: usize = 100;

/// Returns `true` if arrays and objects are nested deeper than `levels`.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let is_too_deep = |inner: &Value| is_deeper(inner, levels - 1);
    match value {
        Value::Array(values) => levels == 0 || values.iter().any(is_too_deep),
        Value::Object(values) => levels == 0 || values.values().any(is_too_deep),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<const COUNT: usize, N: Into<String>, V: Into<Value>> From<[(N, V); COUNT]> for Attributes {
    fn from(entries: [(N, V); COUNT]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_has_no_attribute_names() {
        assert_eq!(Attributes::from_serialize(&[1, 2]), Err(AttributesError::NotAMap));
        assert_eq!(Attributes::from_serialize(&()), Ok(Attributes::new()));
    }

    #[test]
    fn a_mismatch_names_the_field_and_not_the_value() {
        #[derive(Debug, Deserialize)]
        struct Age {
            #[expect(dead_code, reason = "only its type matters here")]
            age: u32,
        }
        let error = Attributes::from([("age", "hunter2")]).deserialize::<Age>().unwrap_err();
        assert_eq!(error, AttributesError::Mismatch { name: "age".into(), reason: "expected u32".into() });
    }

    #[test]
    fn a_mismatch_names_a_missing_field() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only its type matters here")]
        struct Address {
            street: String,
        }
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only its type matters here")]
        struct Profile {
            username: String,
            address: Address,
        }
        let mismatch = |attributes: Value| {
            let attributes: Attributes = serde_json::from_value(attributes).unwrap();
            attributes.deserialize::<Profile>().unwrap_err().to_string()
        };
        let street = json!({ "street": "Main" });
        assert_eq!(mismatch(json!({ "address": street })), "attribute `username` does not fit the type: missing field");
        assert_eq!(
            mismatch(json!({ "username": "ada", "address": {} })),
            "attribute `address.street` does not fit the type: missing field"
        );
    }

    #[test]
    fn merging_keeps_the_order_and_stores_null() {
        let mut stored = Attributes::from([("b", json!(1)), ("a", json!(2))]);
        stored.merge(&Attributes::from([("c", json!(3)), ("b", json!(null))]));
        assert_eq!(serde_json::to_string(&stored).unwrap(), r#"{"b":null,"a":2,"c":3}"#);
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let attributes = |levels| Attributes::from([("flat", json!(1)), ("nested", nested(levels))]);
        assert!(attributes(MAX_DEPTH).writable(&[]).is_ok());
        let error = attributes(MAX_DEPTH + 1).writable(&[]).unwrap_err();
        assert_eq!(error, AttributesError::TooDeep { name: "nested".into(), limit: MAX_DEPTH });
        let object = (0..=MAX_DEPTH).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(Attributes::from([("nested", object)]).writable(&[]).is_err());
        assert!(attributes(MAX_DEPTH + 1).unreserved(&["id"]).is_ok());
        let reserved = AttributesError::Reserved { name: "flat".into() };
        assert_eq!(attributes(1).unreserved(&["flat"]), Err(reserved));
    }

    #[test]
    fn debug_hides_values() {
        assert_eq!(format!("{:?}", Attributes::from([("token", "hunter2")])), r#"{"token"}"#);
    }
}
