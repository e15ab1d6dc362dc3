//! The files that a configuration consists of.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Reads files, by paths relative to the folder of the configuration, and remembers which: they
/// are what a live reload has to watch.
pub(crate) struct Files {
    folder: PathBuf,
    load: Box<Load>,
    read: RefCell<BTreeSet<PathBuf>>,
}

type Load = dyn Fn(&Path) -> io::Result<String>;

impl Files {
    /// The real ones.
    pub(crate) fn beside(configuration: &Path) -> Self {
        Self::with(configuration, |path| fs::read_to_string(path))
    }

    /// Those that `load` knows.
    pub(crate) fn with(
        configuration: &Path,
        load: impl Fn(&Path) -> io::Result<String> + 'static,
    ) -> Self {
        let folder = configuration.parent().unwrap_or(Path::new(""));
        Self {
            folder: folder.to_owned(),
            load: Box::new(load),
            read: RefCell::default(),
        }
    }

    /// Where a path leads that stands in the configuration.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The text of a file; a missing one counts as read, for it may come.
    pub(crate) fn read(&self, path: &Path) -> io::Result<String> {
        let path = self.path(path);
        self.read.borrow_mut().insert(path.clone());
        (self.load)(&path)
    }

    /// All that were asked for.
    pub(crate) fn into_paths(self) -> BTreeSet<PathBuf> {
        self.read.into_inner()
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Files").field(&self.read.borrow()).finish()
    }
}
