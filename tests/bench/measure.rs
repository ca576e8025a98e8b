//! What the benches share: the CPU time of this process, and answers without a runtime.

use futures_util::FutureExt;
use std::error::Error;
use std::fs;

/// What a bench's step gives.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The answer of a frontier that never waits for another task.
pub(crate) fn now<R, E: Error + 'static>(answer: impl Future<Output = Result<R, E>>) -> Outcome<R> {
    let answer = answer.now_or_never().ok_or("the frontier waits")?;
    Ok(answer?)
}

/// CPU time of all threads of this process so far (proc(5): utime and stime, in 1/100 s).
pub(crate) fn cpu_seconds() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no process name")?.1;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}
