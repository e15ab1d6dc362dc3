//! Which actions there are.

use super::ServerAction;

/// What the action of this name does; `None` for one that no release of Nova has had, which a
/// vendor's may, and nobody here knows to what end.
pub(super) fn action(name: &str) -> Option<ServerAction> {
    if BIND_PORTS.contains(&name) {
        Some(ServerAction::BindPorts)
    } else if OTHER.contains(&name) {
        Some(ServerAction::Other)
    } else {
        None
    }
}

/// They start a guest, move it, or define it anew, with the ports that are the server's then.
const BIND_PORTS: &[&str] = &[
    "confirmResize",
    "evacuate",
    "migrate",
    "os-migrateLive",
    "os-start",
    "reboot",
    "rebuild",
    "rescue",
    "resize",
    "restore",
    "resume",
    "revertResize",
    "unrescue",
    "unshelve",
];

/// They leave the guest and its ports as they are, or take it down.
const OTHER: &[&str] = &[
    "addFloatingIp",
    "addSecurityGroup",
    "changePassword",
    "createBackup",
    "createImage",
    "forceDelete",
    "injectNetworkInfo",
    "lock",
    "os-getConsoleOutput",
    "os-getRDPConsole",
    "os-getSPICEConsole",
    "os-getSerialConsole",
    "os-getVNCConsole",
    "os-resetState",
    "os-stop",
    "pause",
    "removeFloatingIp",
    "removeSecurityGroup",
    "resetNetwork",
    "shelve",
    "shelveOffload",
    "suspend",
    "trigger_crash_dump",
    "unlock",
    "unpause",
];
