//! The sessions of long-polling that are open, by their id: an upgrade to WebSocket finds its session here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::transport::Transport;

/// Sessions below this number are not looked through for those that are gone.
const TIDY_FROM: usize = 64;

/// The sessions. The library keeps each of them alive; one that it let go of is gone here too.
#[derive(Default)]
pub(super) struct Registry(Mutex<Sessions>);

struct Sessions {
    open: HashMap<String, Weak<Transport>>,
    tidy_at: usize,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { open: HashMap::new(), tidy_at: TIDY_FROM }
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn insert(&self, id: String, transport: &Arc<Transport>) {
        let mut sessions = self.lock();
        sessions.open.insert(id, Arc::downgrade(transport));
        if sessions.open.len() >= sessions.tidy_at {
            sessions.open.retain(|_, transport| transport.strong_count() > 0);
            sessions.tidy_at = (sessions.open.len() * 2).max(TIDY_FROM);
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Transport>> {
        self.lock().open.get(id)?.upgrade()
    }
}
