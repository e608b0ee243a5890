//! What services keep in memory beside their rows, for all workers of the process: one value of each type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Values by their type, each made when it is first asked for.
#[derive(Default)]
pub(crate) struct Memory(RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memory {
    /// The value of this type. How large it may become is its own concern.
    pub(crate) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        let value = known.unwrap_or_else(|| {
            let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())))
        });
        // What stands under a type is of it.
        value.downcast().unwrap_or_default()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    #[test]
    fn a_value_is_made_once_and_shared() {
        let memory = Memory::default();
        memory.of::<Count>().0.fetch_add(1, Ordering::Relaxed);
        assert_eq!(memory.of::<Count>().0.load(Ordering::Relaxed), 1);
        assert_eq!(memory.of::<AtomicU32>().load(Ordering::Relaxed), 0, "another type has a value of its own");
    }
}
