//! `work; work; n + 2`

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{Flow, Machine};
use serde::Deserialize;
use std::sync::atomic::Ordering;

use super::{App, machine, work, workflow};

machine!(Vars { n: u32 } single false ["start" Start [0], "one" Step [0], "two" Step [0]]);
workflow!(Linear "linear" Vars.n: u32 => u32, suspends false);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    if machine.place() == 0 {
        return Ok(Flow::At(1));
    }
    let at = machine.at();
    work(cx, &at).await?;
    if cx.app().panics.load(Ordering::SeqCst) {
        panic!("in plain code");
    }
    let n = machine.vars.n.take() + 1;
    if machine.place() == 2 {
        return Ok(Flow::Done(n));
    }
    machine.vars.n.set(n);
    Ok(Flow::At(2))
}
