//! `join!({ work; ask }, { work; ask })`, and the sum of what was answered.

use flow_runtime::Error;
use flow_runtime::context::Cx;
use flow_runtime::machine::{At, Flow, Machine, Waiting};
use flow_runtime::workflow::yield_now_and_then;
use serde::Deserialize;

use super::{App, ask, machine, work, workflow};

machine!(Vars { n: u32 } single false ["start" Start false [0], "both" Join false [0]]);
machine!(ArmVars { got: u32 } single false ["start" Start false [], "work" Step false [], "ask" Suspend true []]);
workflow!(Pair "pair" Vars.n: u32 => u32, suspends true);

async fn advance(machine: &mut Machine<Vars>, cx: &Cx<'_, App>) -> Result<Flow<u32>, Error> {
    if machine.place() == 0 {
        return Ok(Flow::At(1, None));
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
        match machine.place() {
            0 => cx.checkpoint(&mut machine, 1, None).await?,
            1 => {
                work(&cx, &machine.at()).await?;
                cx.checkpoint(&mut machine, 2, Some(Waiting::of::<ask>(name.to_owned(), std::time::SystemTime::now())?)).await?;
            }
            _ => {
                let at = machine.at();
                let got = cx.wait::<ask, _>(&mut machine, &at).await?;
                return cx.finish(&mut machine, got).await;
            }
        }
        yield_now_and_then(&cx).await;
    }
}
