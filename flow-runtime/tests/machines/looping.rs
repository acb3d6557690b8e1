//! `loop { work; n += 1; if review(n) { break n } }`

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{Flow, Machine, Waiting};
use serde::Deserialize;

use super::{App, machine, review, work, workflow};

machine!(Vars { n: u32 } single false ["start" Start false [0], "draft" Step false [0], "review" Suspend true [0]]);
workflow!(Looping "looping" Vars.n: u32 => u32, suspends true);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    let at = match machine.place() {
        0 => return Ok(Flow::At(1, None)),
        _ => machine.at(),
    };
    if machine.place() == 1 {
        work(cx, &at).await?;
        let n = machine.vars.n.take() + 1;
        machine.vars.n.set(n);
        return Ok(Flow::At(2, Some(Waiting::of::<review>(n, std::time::SystemTime::now())?)));
    }
    if cx.wait::<review, _>(machine, &at).await? { Ok(Flow::Done(machine.vars.n.take())) } else { Ok(Flow::At(1, None)) }
}
