//! The outermost machine of a run: driven to its end, which is its last transition.

use std::sync::Arc;

use super::Live;
use crate::context::{Cx, Host, completed};
use crate::error::Error;
use crate::event::Fact;
use crate::machine::Machine;
use crate::store::{End, Transition};
use crate::workflow::{Workflow, drive};

/// Drives a workflow to its output and writes that down.
///
/// # Errors
/// What the workflow fails with. That is not written yet.
pub(crate) async fn root<W, A>(app: &A, live: &Arc<Live>, mut machine: Machine<W::Vars>) -> Result<(), Error>
where
    A: Sync,
    W: Workflow<A>,
{
    let cx = Cx::new(app, live.scope::<W>());
    let output = drive::<A, W>(&cx, &mut machine).await?;
    let _busy = live.busy();
    let left = cx.leave(&machine);
    let mut facts = completed::<W::Vars>(&left);
    facts.push(Fact::RunCompleted);
    let end = Some(End::Completed(live.output(&output)?));
    let transition = Transition { left: left.map(|(_, path)| path), end, ..live.transition(facts) };
    live.kept(live.put(transition)).await;
    Ok(())
}
