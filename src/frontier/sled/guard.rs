//! Panics inside sled, turned into values.
//!
//! On damaged files sled 0.34.7 panics where it should return an error (52 of 68 opens with a
//! flipped bit). Such a panic is expected here, so its message and trace stay off the terminal;
//! all other panics of the process are reported as before.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::thread;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it becomes its message.
///
/// Values that `work` only borrows are not dropped while the panic unwinds: sled's own `Drop`
/// may panic as well, which would then abort the process.
pub(super) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    silence_guarded_threads();
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.map_err(|payload| message(&*payload))
}

fn silence_guarded_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !expected() {
                report(panic);
            }
        }));
    });
}

/// Whether this thread runs sled's code for us, or is one of sled's own.
fn expected() -> bool {
    let io_thread = |name: &str| name.starts_with("sled-io-");
    GUARDED.try_with(Cell::get).unwrap_or(false) || thread::current().name().is_some_and(io_thread)
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(owned).unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_its_message() {
        assert_eq!(guarded(|| 1), Ok(1));
        assert_eq!(guarded(|| panic!("torn")), Err::<(), _>("torn".to_owned()));
        let number = 3;
        let formatted = guarded(|| panic!("torn {number}"));
        assert_eq!(formatted, Err::<(), _>("torn 3".to_owned()));
    }

    #[test]
    fn guards_nest_and_end() {
        let inner = guarded(|| guarded(|| panic!("inner")).is_err() && expected());
        assert_eq!(inner, Ok(true));
        assert!(!expected());
    }
}
