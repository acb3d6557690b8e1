//! A closure in the place of a step.
//!
//! Rule `fake`: a fake stands in for a step. It takes the arguments that the workflow gives, several of them as a tuple, and gives what
//! the function returns.
//!
//! ```text
//! testing::fake::<editor_review>(|draft| async move { Ok(true) })             ✗ a suspension is answered
//! testing::fake::<revise>(|draft, notes| async move { Ok(draft) })            ✗ two arguments
//! testing::fake::<revise>(|(draft, notes)| async move { Ok(notes) })          ✗ another type
//! testing::fake::<revise>(|(draft, notes)| async move { Ok(draft) })          ✓
//! ```

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use futures::future::BoxFuture;

use crate::node::Node;

/// A closure that runs in the place of the step `N`, in one runtime.
///
/// It takes the arguments that the workflow gives, as copies it owns: nothing for a step without any, the argument itself for a
/// step with one (`String` for `&str`), a tuple for one with several. It gives what the function of the step returns, so that
/// rustc checks both. Resources and the context are not among the arguments. All else of the step stays as it is: its
/// attempts, its `timeout`, its `limit` and its `cache`.
///
/// A clone is the same fake, and it may be given to several runtimes, one after the other: it counts on. What runs without a
/// runtime, by `W::run`, is not faked, and neither are suspensions, which are answered: see [`Run::pending`](crate::Run::pending).
///
/// ```
/// use flow_runtime::{Runtime, step, testing, workflow};
///
/// #[step(retries = 1, backoff = "1ms")]
/// async fn price(article: &str, pieces: u32) -> Result<u32, std::io::Error> {
///     unreachable!("asks the shop for {pieces} of {article}")
/// }
///
/// workflow! { Offer<String -> u32>(article) { price(&article, 3).await } }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), flow_runtime::Error> {
/// let price = testing::fake::<price>(|(_, pieces)| async move { Ok(5 * pieces) });
/// let runtime = Runtime::builder(()).fake(&price).register::<Offer>().build().await?;
/// let run = runtime.start::<Offer>("tea".to_owned()).await?;
/// assert_eq!(run.outcome().await?.completed()?, 15);
/// assert_eq!(price.calls(), [("tea".to_owned(), 3)]);
/// # Ok(())
/// # }
/// ```
///
/// What the step does not return is refused where it is written:
///
/// ```compile_fail
/// # use flow_runtime::{step, testing};
/// # #[step]
/// # async fn price(article: &str, pieces: u32) -> Result<u32, std::io::Error> { Ok(pieces) }
/// let price = testing::fake::<price>(|(_, _)| async move { Ok("five") });
/// ```
pub struct Fake<N: Fakeable>(Arc<Inner<N>>);

struct Inner<N: Fakeable> {
    stands_in: Box<dyn Fn(N::Given) -> BoxFuture<'static, N::Returned> + Send + Sync>,
    calls: Mutex<Vec<N::Given>>,
}

/// A closure that is to stand in for the step `N`, and that nobody calls yet: give it to
/// [`Builder::fake`](crate::Builder::fake). See [`Fake`].
pub fn fake<N: Fakeable>(stands_in: impl StandIn<N>) -> Fake<N> {
    let stands_in = Box::new(move |given| -> BoxFuture<'static, N::Returned> { Box::pin(stands_in(given)) });
    Fake(Arc::new(Inner { stands_in, calls: Mutex::default() }))
}

impl<N: Fakeable> Fake<N> {
    /// What it was called with, in the order of the calls. Each attempt is one.
    pub fn calls(&self) -> Vec<N::Given> {
        self.0.calls().clone()
    }
}

impl<N: Fakeable> Clone for Fake<N> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<N: Fakeable> fmt::Debug for Fake<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("step", &N::INFO.name).field("calls", &self.0.calls().len()).finish_non_exhaustive()
    }
}

impl<N: Fakeable> Inner<N> {
    fn calls(&self) -> MutexGuard<'_, Vec<N::Given>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that a [`Fake`] can stand in for. `#[step]` implements it, unless an argument holds a borrow behind another type, as
/// `Vec<&str>` does: that has no copy of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be faked",
    label = "not a `#[step]` whose arguments can be copied",
    note = "name a function that carries `#[step]`; where an argument holds a borrow, as `Vec<&str>` does, let it own its data"
)]
pub trait Fakeable<K = ()>: Node {
    /// Copies of the arguments that the workflow gives.
    type Given: Clone + Send + Sync + 'static;
    /// What the function returns.
    type Returned: 'static;

    /// Copies the arguments.
    #[doc(hidden)]
    fn given(call: &Self::Call<'_>) -> Self::Given;
}

/// A closure that may stand in for the step `N`: `|argument| async move { Ok(..) }`. You never implement it.
#[diagnostic::on_unimplemented(
    message = "this cannot stand in for the step `{N}`",
    label = "does not take and give what the step does",
    note = "write `|argument| async move {{ Ok(..) }}`, with a tuple where the step has several arguments"
)]
pub trait StandIn<N: Fakeable>: Fn(N::Given) -> <Self as StandIn<N>>::Future + Send + Sync + 'static {
    /// What the closure gives.
    type Future: Future<Output = N::Returned> + Send + 'static;
}

impl<N, F, Fut> StandIn<N> for F
where
    N: Fakeable,
    F: Fn(N::Given) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = N::Returned> + Send + 'static,
{
    type Future = Fut;
}

/// An argument that a fake gets a copy of. With a parameter of no meaning, so that it is asked for where a step is faked, and not
/// where it is written.
#[diagnostic::on_unimplemented(
    message = "a fake takes a copy of each argument, and `{Self}` is not `Clone`",
    label = "an argument of this step is not `Clone`",
    note = "`#[derive(Clone)]` for the type"
)]
pub trait Argument<K> {
    /// The copy.
    type Copied: Clone + Send + Sync + 'static;
    /// Makes it.
    fn copied(&self) -> Self::Copied;
}

// Written out as in std: a bound on `ToOwned` would be reported in its words.
#[diagnostic::do_not_recommend]
impl<K, T: Clone + Send + Sync + 'static> Argument<K> for T {
    type Copied = T;
    fn copied(&self) -> T {
        self.clone()
    }
}

impl<K> Argument<K> for str {
    type Copied = String;
    fn copied(&self) -> String {
        self.to_owned()
    }
}

impl<K> Argument<K> for Path {
    type Copied = PathBuf;
    fn copied(&self) -> PathBuf {
        self.to_owned()
    }
}

impl<K, T: Clone + Send + Sync + 'static> Argument<K> for [T] {
    type Copied = Vec<T>;
    fn copied(&self) -> Vec<T> {
        self.to_vec()
    }
}

/// A fake as generated code sees it, which knows nothing of copies.
trait StandsIn<N: Node, R>: Send + Sync {
    fn call(&self, call: &N::Call<'_>) -> Faking<R>;
}

/// What a step is doing.
pub type Faking<R> = Pin<Box<dyn Future<Output = R> + Send>>;

impl<N: Fakeable> StandsIn<N, N::Returned> for Fake<N> {
    fn call(&self, call: &N::Call<'_>) -> Faking<N::Returned> {
        let (given, inner) = (N::given(call), Arc::clone(&self.0));
        Box::pin(async move {
            inner.calls().push(given.clone());
            (inner.stands_in)(given).await
        })
    }
}

/// The fakes of a runtime, by the step they stand in for. A runtime without any pays one look at an empty cell an attempt.
#[derive(Default)]
pub struct Fakes(OnceLock<RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>);

impl fmt::Debug for Fakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fakes").field("any", &self.0.get().is_some()).finish_non_exhaustive()
    }
}

impl Fakes {
    /// From now on this one stands in.
    pub(crate) fn add<N: Fakeable>(&self, fake: &Fake<N>) {
        let fake: Arc<dyn StandsIn<N, N::Returned>> = Arc::new(fake.clone());
        let mut fakes = self.0.get_or_init(RwLock::default).write().unwrap_or_else(PoisonError::into_inner);
        fakes.insert(TypeId::of::<N>(), Box::new(fake));
    }

    /// What stands in for a call of `N`, if something does.
    pub fn call<N: Node, R: 'static>(&self, call: &N::Call<'_>) -> Option<Faking<R>> {
        let fakes = self.0.get()?.read().unwrap_or_else(PoisonError::into_inner);
        let fake = fakes.get(&TypeId::of::<N>())?.downcast_ref::<Arc<dyn StandsIn<N, R>>>()?;
        Some(fake.call(call))
    }
}
