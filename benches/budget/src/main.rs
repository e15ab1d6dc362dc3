//! `wafflehaus-budget CASE TIMES` calls a service so often; `check.py` runs it under callgrind and
//! takes the instructions of a call from the difference of two numbers of times. Without a case
//! it lists what there is.

mod cases;
mod configured;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let cases = cases::all();
    let Some(wanted) = arguments.next() else {
        for (name, _) in cases {
            println!("{name}");
        }
        return Ok(());
    };
    let times: usize = arguments.next().ok_or("how many times?")?.parse()?;
    let (_, prepare) = cases
        .into_iter()
        .find(|(name, _)| *name == wanted)
        .ok_or("there is no such case")?;
    // A deadline on a body is kept by a runtime.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _entered = runtime.enter();
    let mut call = prepare()?;
    for _ in 0..times {
        call();
    }
    Ok(())
}
