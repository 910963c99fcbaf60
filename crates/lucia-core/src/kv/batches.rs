use std::fmt;

/// The keys of a bulk read, for a service whose responses have a maximum size: a batch whose values do not fit into one
/// response is read in two halves.
///
/// ```
/// use lucia_core::kv::Batches;
///
/// // Of a service whose responses hold two values.
/// let read = |keys: &[&str]| if keys.len() <= 2 { Ok(keys.join(" ")) } else { Err("too large") };
///
/// let mut found = Vec::new();
/// let mut batches = Batches::new(&["a", "b", "c", "d", "e"]);
/// while let Some(keys) = batches.next() {
///     match read(keys) {
///         Ok(values) => found.push(values),
///         Err("too large") if batches.split(keys) => {}
///         Err(error) => return Err(error),
///     }
/// }
/// assert_eq!(found, ["a b", "c", "d e"]);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone)]
pub struct Batches<'a> {
    waiting: Vec<&'a [&'a str]>,
}

impl<'a> Batches<'a> {
    /// Creates one batch of these keys.
    #[must_use]
    pub fn new(keys: &'a [&'a str]) -> Self {
        Self { waiting: vec![keys] }
    }

    /// Replaces a batch whose response would be too large by its halves, which are the next two. Returns `false` if it
    /// has only one key.
    pub fn split(&mut self, keys: &'a [&'a str]) -> bool {
        if keys.len() < 2 {
            return false;
        }
        let (first, second) = keys.split_at(keys.len() / 2);
        self.waiting.extend([second, first]);
        true
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = &'a [&'a str];

    fn next(&mut self) -> Option<Self::Item> {
        self.waiting.pop()
    }
}

impl fmt::Debug for Batches<'_> {
    /// Shows the numbers of keys. Omits the keys, which contain session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.waiting.iter().map(|keys| keys.len())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order() {
        let keys: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        for limit in 1..=100 {
            let (mut batches, mut read) = (Batches::new(&keys), Vec::new());
            while let Some(batch) = batches.next() {
                if batch.len() <= limit || !batches.split(batch) {
                    read.extend_from_slice(batch);
                }
            }
            assert_eq!(read, keys, "{limit}");
        }
    }

    #[test]
    fn a_single_key_is_not_split() {
        let mut batches = Batches::new(&["a"]);
        let batch = batches.next().unwrap();
        assert!(!batches.split(batch) && batches.next().is_none());
    }
}
