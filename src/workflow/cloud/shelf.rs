//! The state of a store in memory, or in a file that several processes share.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{CloudError, Fault, Faults, faults::injected};

pub(in crate::workflow) struct Shelf<S> {
    place: Place<S>,
    pub(in crate::workflow) faults: Faults,
}

enum Place<S> {
    File(PathBuf),
    Memory(Mutex<S>),
}

impl<S: Clone + Default + DeserializeOwned + Serialize> Shelf<S> {
    pub(in crate::workflow) fn in_memory() -> Self {
        Self {
            place: Place::Memory(Mutex::default()),
            faults: Faults::default(),
        }
    }

    /// The file need not be there yet. It blocks the thread, which is fit for tests and trials.
    pub(in crate::workflow) fn in_file(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::File(path.into()),
            faults: Faults::default(),
        }
    }

    /// A call of this method, which only looks.
    pub(in crate::workflow) async fn look<T>(
        &self,
        method: &'static str,
        look: impl FnOnce(&S) -> T,
    ) -> Result<T, CloudError> {
        self.change(method, |state| Ok(look(state))).await
    }

    /// A call of this method. What fails changes nothing.
    pub(in crate::workflow) async fn change<T>(
        &self,
        method: &'static str,
        change: impl FnOnce(&mut S) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let fault = self.faults.next(method);
        match fault {
            Some(Fault::BeforeEffect) => return Err(injected()),
            Some(Fault::Latency(time)) => tokio::time::sleep(time).await,
            Some(Fault::AfterEffect) | None => {}
        }
        let done = self.edit(change)?;
        match fault {
            Some(Fault::AfterEffect) => Err(injected()),
            _ => Ok(done),
        }
    }

    /// Changes the state at once, past all faults.
    pub(in crate::workflow) fn edit<T>(
        &self,
        change: impl FnOnce(&mut S) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        match &self.place {
            Place::Memory(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let mut next = state.clone();
                let done = change(&mut next)?;
                *state = next;
                Ok(done)
            }
            Place::File(path) => {
                let failed = |error| CloudError::unavailable("simulation", error);
                // Held until the end: two processes never read the same state to change it.
                let _lock = lock(path).map_err(failed)?;
                let old = read(path).map_err(failed)?;
                let mut state: S = match &old {
                    Some(text) => serde_json::from_slice(text).map_err(|it| failed(it.into()))?,
                    None => S::default(),
                };
                let done = change(&mut state)?;
                let new = serde_json::to_vec(&state).map_err(|it| failed(it.into()))?;
                if old.as_ref() != Some(&new) {
                    replace(path, &new).map_err(failed)?;
                }
                Ok(done)
            }
        }
    }

    /// The whole state.
    pub(in crate::workflow) fn snapshot(&self) -> Result<Value, CloudError> {
        self.edit(|state| {
            serde_json::to_value(state)
                .map_err(|error| CloudError::unavailable("simulation", error))
        })
    }
}

impl<S> fmt::Debug for Shelf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            Place::File(path) => path.as_path(),
            Place::Memory(_) => Path::new("memory"),
        };
        f.debug_tuple("Shelf").field(&place).finish()
    }
}

fn lock(path: &Path) -> io::Result<File> {
    // Not the file itself, which is another one after each change.
    let lock = File::create(path.with_added_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A process that is killed half-way leaves the old file or the new one.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_added_extension("new");
    fs::write(&draft, text)?;
    fs::rename(draft, path)
}

/// What all that keep their state on a shelf can do.
macro_rules! on_a_shelf {
    ($type:ident) => {
        impl $type {
            /// Without anything in it.
            #[must_use]
            pub fn new() -> Self {
                let shelf = crate::workflow::cloud::Shelf::in_memory();
                Self { shelf }
            }

            /// What is in this file, which processes may share; nothing if there is no file. Each
            /// call blocks its thread: for tests and trials.
            pub fn in_file(path: impl Into<std::path::PathBuf>) -> Self {
                let shelf = crate::workflow::cloud::Shelf::in_file(path);
                Self { shelf }
            }

            /// What is to go wrong, and how often each method was called.
            #[must_use]
            pub const fn faults(&self) -> &crate::workflow::cloud::Faults {
                &self.shelf.faults
            }

            /// Everything, passwords as digests.
            ///
            /// # Errors
            ///
            /// The file cannot be read.
            pub fn snapshot(
                &self,
            ) -> Result<serde_json::Value, crate::workflow::cloud::CloudError> {
                self.shelf.snapshot()
            }
        }
    };
}

pub(in crate::workflow) use on_a_shelf;
