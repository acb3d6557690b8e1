//! `loop { work; n += 1; if review(n) { break n } }`

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{Flow, Machine, Waiting};
use serde::Deserialize;

use flow_runtime::rules::Judged;

use super::{App, machine, review, work, workflow};

machine!(Vars { n: u32 } single false ["start" Start [0], "draft" Step [0], "review" (awaits review) [0]]);
workflow!(Looping "looping" Vars.n: u32 => u32, suspends true);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    let at = match machine.place() {
        0 => return Ok(Flow::At(1)),
        _ => machine.at(),
    };
    if machine.place() == 1 {
        work(cx, &at).await?;
        let n = machine.vars.n.take() + 1;
        machine.vars.n.set(n);
        return Ok(Flow::At(2));
    }
    let n = machine.vars.n.take();
    if !machine.is_answered() {
        machine.vars.n.keep(n);
        return Ok(Flow::Opened(Waiting::of::<review>(n, std::time::SystemTime::now())?));
    }
    match cx.answered(review::here(), machine) {
        Ok(true) => Ok(Flow::Done(n)),
        Ok(false) => {
            machine.vars.n.keep(n);
            Ok(Flow::At(1))
        }
        Err(stop) => stop.flow(),
    }
}
