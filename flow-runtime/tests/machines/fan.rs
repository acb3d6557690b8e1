//! `join_all!(0..n, |i| ask(i))`, and the sum of what was answered.

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{At, Flow, Machine, Stop, Waiting};
use flow_runtime::rules::Judged;
use futures::future::join_all;
use serde::Deserialize;

use super::{App, ask, machine, workflow};

machine!(Vars { n: u32 } single false ["start" Start [0], "all" Join [0]]);
machine!(ArmVars { got: u32 } single true ["start" Start [], "ask" (awaits ask) []]);
workflow!(Fan "fan" Vars.n: u32 => u32, suspends true);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    if machine.place() == 0 {
        return Ok(Flow::At(1));
    }
    let at = machine.at();
    let arms = (0..machine.vars.n.take()).map(|i| arm(cx, &at, i));
    let got = join_all(arms).await.into_iter().collect::<Result<Vec<_>, Error>>()?;
    Ok(Flow::Done(got.into_iter().sum()))
}

async fn arm(cx: &Cx<'_, App>, at: &At, i: u32) -> Result<u32, Error> {
    let cx = cx.arm(at, &format!("a{i}"));
    let mut machine = Machine::<ArmVars>::default();
    if let Some(output) = cx.open(&mut machine)? {
        return Ok(output);
    }
    loop {
        // What uses the task's budget up, as a race of two places does: arms beyond it are polled a turn later.
        tokio::task::consume_budget().await;
        cx.ready(&mut machine).await?;
        let flow = match machine.place() {
            0 => Flow::At(1),
            _ if machine.is_answered() => {
                cx.answered(ask::here(), &mut machine).map_or_else(Stop::flow, |got| Ok(Flow::Done(got)))?
            }
            _ => Flow::Opened(Waiting::of::<ask>(i.to_string(), std::time::SystemTime::now())?),
        };
        if let Some(got) = cx.turn(&mut machine, flow).await? {
            return cx.finish(&mut machine, got).await;
        }
    }
}
