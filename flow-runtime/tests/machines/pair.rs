//! `join!({ work; ask }, { work; ask })`, and the sum of what was answered.

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{At, Flow, Machine, Stop, Waiting};
use flow_runtime::rules::Judged;
use serde::Deserialize;

use super::{App, ask, machine, work, workflow};

machine!(Vars { n: u32 } single false ["start" Start [0], "both" Join [0]]);
machine!(ArmVars { got: u32 } single false ["start" Start [], "work" Step [], "ask" (awaits ask) []]);
workflow!(Pair "pair" Vars.n: u32 => u32, suspends true);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    if machine.place() == 0 {
        return Ok(Flow::At(1));
    }
    let at = machine.at();
    let (left, right) = futures::try_join!(arm(cx, &at, "left"), arm(cx, &at, "right"))?;
    Ok(Flow::Done(machine.vars.n.take() + left + right))
}

async fn arm(cx: &Cx<'_, App>, at: &At, name: &str) -> Result<u32, Error> {
    let cx = cx.arm(at, name);
    let mut machine = Machine::<ArmVars>::default();
    if let Some(output) = cx.open(&mut machine)? {
        return Ok(output);
    }
    loop {
        cx.ready(&mut machine).await?;
        let flow = match machine.place() {
            0 => Flow::At(1),
            1 => {
                work(&cx, &machine.at()).await?;
                Flow::At(2)
            }
            _ if machine.is_answered() => {
                cx.answered(ask::here(), &mut machine).map_or_else(Stop::flow, |got| Ok(Flow::Done(got)))?
            }
            _ => Flow::Opened(Waiting::of::<ask>(name.to_owned(), std::time::SystemTime::now())?),
        };
        if let Some(got) = cx.turn(&mut machine, flow).await? {
            return cx.finish(&mut machine, got).await;
        }
    }
}
