//! Reads a configuration again while the gateway runs.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{
    EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};
use ring::digest::{SHA256, digest};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::timeout,
};

use super::{Loaded, Loader, Mistake, Rejected};
use crate::pipeline::{Gateway, Plan};

/// A gateway and the file it is described in.
#[derive(Debug)]
pub struct Reloader {
    loader: Loader,
    path: PathBuf,
    gateway: Gateway,
    addresses: Addresses,
    /// The files at the last look, and a hash of what was in them.
    files: BTreeSet<PathBuf>,
    contents: Contents,
    watch: Option<Watch>,
    hangup: Signal,
}

/// What became of reading a configuration again.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reload {
    /// The gateway runs by it.
    Exchanged,
    /// It means what the gateway runs by already.
    Same,
    /// It has mistakes, so nothing changed.
    Rejected(Rejected),
}

type Contents = [u8; 32];

impl Reloader {
    /// Reads a configuration for the first time, and tells its warnings.
    ///
    /// # Errors
    ///
    /// [`Rejected`], with all its mistakes; or the signal cannot be listened for.
    pub fn start(loader: Loader, path: &Path) -> Result<Self, StartError> {
        let loaded = loader.load(path)?;
        Self::with(loader, path, loaded)
    }

    /// The same with what this loader has read of it already, for who has to know of that before
    /// there is a gateway.
    ///
    /// # Errors
    ///
    /// The signal cannot be listened for.
    pub fn with(loader: Loader, path: &Path, loaded: Loaded) -> Result<Self, StartError> {
        describe();
        tell(&loaded.warnings);
        for (filter, reason) in loaded.plan.idle() {
            tracing::info!(filter, reason, "a filter has nothing to do here");
        }
        Ok(Self {
            loader,
            path: path.to_owned(),
            addresses: Addresses::of(&loaded.plan),
            gateway: Gateway::new(loaded.plan),
            contents: contents(&loaded.files),
            files: loaded.files,
            watch: None,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Also reads again when one of the files changes.
    #[must_use]
    pub fn watching(mut self) -> Self {
        self.watch = Watch::new(&self.files);
        self
    }

    /// The gateway, which runs by the newest configuration without mistakes.
    #[must_use]
    pub fn gateway(&self) -> Gateway {
        self.gateway.clone()
    }

    /// Where the configuration said to listen; a change needs a restart.
    #[must_use]
    pub const fn listen(&self) -> Option<SocketAddr> {
        self.addresses.listen
    }

    /// Reads again at each SIGHUP, and when a file changes if it is [watched](Self::watching).
    /// For ever: the task it runs in is to be aborted.
    pub async fn run(mut self) {
        loop {
            // What changed while it was read, or before its folder was watched, sends no word again.
            let stale = self.watch.is_some() && contents(&self.files) != self.contents;
            if !stale && let Asked::ByChange = self.asked().await {
                // Perhaps only touched, or written as it was.
                continue;
            }
            let before = contents(&self.files);
            let (loader, path, gateway) =
                (self.loader.clone(), self.path.clone(), self.gateway.clone());
            // Not on a thread that serves requests.
            let read = tokio::task::spawn_blocking(move || Read::again(&loader, &path, &gateway));
            match read.await {
                Ok(read) => drop(self.take(read, before)),
                // A defect of a filter: the gateway goes on, and the next change is noticed.
                Err(error) => {
                    tracing::error!(%error, "the new configuration cannot be used");
                    count("rejected");
                    self.contents = before;
                }
            }
        }
    }

    /// Reads again now. Logged and counted whatever becomes of it.
    pub fn reload(&mut self) -> Reload {
        let before = contents(&self.files);
        let read = Read::again(&self.loader, &self.path, &self.gateway);
        self.take(read, before)
    }

    /// `before` is of the files before they were read.
    fn take(&mut self, read: Read, before: Contents) -> Reload {
        let Read {
            files,
            addresses,
            reload,
        } = read;
        match &reload {
            Reload::Exchanged => tracing::info!("the gateway runs by the new configuration"),
            Reload::Same => tracing::info!("the configuration means what it did"),
            Reload::Rejected(rejected) => {
                for mistake in &rejected.mistakes {
                    tracing::error!("{mistake}");
                }
                let mistakes = rejected.mistakes.len();
                tracing::error!(mistakes, "the new configuration is not used");
            }
        }
        if let Some(addresses) = addresses {
            addresses.compare(&self.addresses);
        }
        count(reload.outcome());
        // Of files that are new, it is not known: they are read once more.
        self.contents = if files == self.files {
            before
        } else {
            Contents::default()
        };
        if files != self.files
            && let Some(watch) = &mut self.watch
        {
            watch.also(&files);
        }
        self.files = files;
        reload
    }

    async fn asked(&mut self) -> Asked {
        let Some(watch) = &mut self.watch else {
            return match self.hangup.recv().await {
                Some(()) => Asked::BySignal,
                None => std::future::pending().await,
            };
        };
        tokio::select! {
            Some(()) = self.hangup.recv() => Asked::BySignal,
            () = watch.changed() => Asked::ByChange,
        }
    }
}

/// Where the configuration says to listen.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    listen: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
}

impl Addresses {
    const fn of(plan: &Plan) -> Self {
        Self {
            listen: plan.listen(),
            metrics: plan.metrics(),
        }
    }

    /// Tells which are others than at the start.
    fn compare(&self, start: &Self) {
        for (key, now, then) in [
            ("listen", self.listen, start.listen),
            ("metrics", self.metrics, start.metrics),
        ] {
            if now != then {
                tracing::warn!("`{key}` has changed: this needs a restart");
            }
        }
    }
}

/// What reading once more came to.
struct Read {
    files: BTreeSet<PathBuf>,
    /// Unless it was rejected.
    addresses: Option<Addresses>,
    reload: Reload,
}

impl Read {
    /// Reads, and exchanges what the gateway runs by if that means something else.
    fn again(loader: &Loader, path: &Path, gateway: &Gateway) -> Self {
        match loader.load(path) {
            Ok(loaded) => {
                tell(&loaded.warnings);
                let addresses = Some(Addresses::of(&loaded.plan));
                let reload = if gateway.runs(&loaded.plan) {
                    Reload::Same
                } else {
                    gateway.exchange(loaded.plan);
                    Reload::Exchanged
                };
                Self {
                    files: loaded.files,
                    addresses,
                    reload,
                }
            }
            Err(rejected) => Self {
                files: rejected.files.clone(),
                addresses: None,
                reload: Reload::Rejected(rejected),
            },
        }
    }
}

enum Asked {
    ByChange,
    BySignal,
}

impl Reload {
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Exchanged => "exchanged",
            Self::Same => "same",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// A gateway could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration has mistakes.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// SIGHUP cannot be listened for.
    #[error("SIGHUP cannot be listened for: {0}")]
    Signal(#[from] io::Error),
}

/// Notices changes in folders. A watch on a file would end when another takes its place, as
/// editors and configuration management do.
#[derive(Debug)]
struct Watch {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    changes: mpsc::Receiver<()>,
}

impl Watch {
    fn new(files: &BTreeSet<PathBuf>) -> Option<Self> {
        // One place is enough: it says that something has changed, not what.
        let (sender, changes) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event| {
            if is_change(&event) {
                // Full: there is word of a change already. Closed: nobody waits for one.
                sender.try_send(()).unwrap_or_default();
            }
        });
        match watcher {
            Ok(watcher) => {
                let mut watch = Self {
                    watcher,
                    folders: BTreeSet::new(),
                    changes,
                };
                watch.also(files);
                Some(watch)
            }
            Err(error) => {
                tracing::warn!(%error, "changes of files are not noticed; SIGHUP is");
                None
            }
        }
    }

    fn also(&mut self, files: &BTreeSet<PathBuf>) {
        for file in files {
            self.folder_of(file);
            // A link changes with what it leads to.
            if let Ok(file) = file.canonicalize() {
                self.folder_of(&file);
            }
        }
    }

    fn folder_of(&mut self, file: &Path) {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !self.folders.insert(folder.to_owned()) {
            return;
        }
        if let Err(error) = self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            let folder = folder.display().to_string();
            tracing::warn!(folder, %error, "changes here are not noticed; SIGHUP is");
        }
    }

    /// Until something has changed, and then nothing for a moment: files are written in parts.
    async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            return std::future::pending().await;
        }
        // Not for ever: somebody may keep writing beside.
        let quiet = async { while let Ok(Some(())) = timeout(QUIET, self.changes.recv()).await {} };
        timeout(LONGEST, quiet).await.unwrap_or_default();
    }
}

/// Whether something is written, made, moved or gone, and not only read.
fn is_change(event: &notify::Result<notify::Event>) -> bool {
    let Ok(event) = event else {
        // Word of a change may have been lost.
        return true;
    };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn contents(files: &BTreeSet<PathBuf>) -> Contents {
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read(file).unwrap_or_default();
        all.extend_from_slice(digest(&SHA256, &text).as_ref());
    }
    let mut contents = Contents::default();
    contents.copy_from_slice(digest(&SHA256, &all).as_ref());
    contents
}

fn tell(warnings: &[Mistake]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("wafflehaus_reloads_total", "outcome" => outcome).increment(1);
}

fn describe() {
    metrics::describe_counter!(
        "wafflehaus_reloads_total",
        "configurations read again, by outcome"
    );
}

/// How long no file may change before they are read.
const QUIET: Duration = Duration::from_millis(200);

/// How long that is waited for.
const LONGEST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind, RemoveKind};

    use super::*;

    #[test]
    fn to_read_a_file_does_not_change_it() {
        let is = |kind| is_change(&Ok(notify::Event::new(kind)));
        for kind in [
            EventKind::Access(AccessKind::Read),
            EventKind::Access(AccessKind::Open(AccessMode::Read)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
        ] {
            assert!(!is(kind), "{kind:?}");
        }
        for kind in [
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
            EventKind::Create(CreateKind::Any),
            EventKind::Modify(ModifyKind::Any),
            EventKind::Remove(RemoveKind::Any),
            EventKind::Other,
        ] {
            assert!(is(kind), "{kind:?}");
        }
        assert!(is_change(&Err(notify::Error::generic("lost"))));
    }
}
