//! Every shape of the language, run three ways: as the plain async fn that the body reads like, as a machine driven
//! straight through, and as a machine that goes on from its stored state after every transition. Same result, same
//! order of steps.

use std::cell::RefCell;
use std::fmt::Debug;

use flow_runtime::local::from_snapshot;
use flow_runtime::snapshot::Snapshot;
use flow_runtime::{Error, Runtime, Workflow, step, workflow};
use futures::{join, try_join};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::modes;
use tests::recording::Recording;

thread_local! {
    static TRACE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn trace(line: impl Into<String>) {
    TRACE.with_borrow_mut(|trace| trace.push(line.into()));
}

fn traced() -> Vec<String> {
    TRACE.with_borrow_mut(std::mem::take)
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is too large")]
struct TooLarge(u32);

macro_rules! steps {
    ($($name:ident)*) => { $(
        #[step]
        async fn $name(n: u32) -> Result<u32, TooLarge> {
            trace(format!("{}({n})", stringify!($name)));
            if n > 1000 { Err(TooLarge(n)) } else { Ok(n + 1) }
        }
    )* };
}

steps! { a b c d e f }

#[step]
async fn pair(n: u32) -> Result<Pair, TooLarge> {
    trace(format!("pair({n})"));
    Ok(Pair { left: n, right: Some(format!("r{n}")), kind: if n.is_multiple_of(2) { Kind::Even(n) } else { Kind::Odd } })
}

#[step]
async fn words(text: &str, more: &[String]) -> Result<Vec<String>, TooLarge> {
    trace(format!("words({text},{more:?})"));
    Ok(text.split(' ').map(str::to_owned).chain(more.iter().cloned()).collect())
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Pair {
    left: u32,
    right: Option<String>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Kind {
    Even(u32),
    Odd,
}

/// Runs a body in all three ways on some inputs.
macro_rules! shape {
    ($test:ident, $name:ident<$in:ty => $out:ty>($($binding:tt)+) $inputs:expr, $body:tt) => {
        mod $test {
            use super::*;

            #[allow(unused_mut, reason = "some shapes change their input")]
            async fn plain($($binding)+: $in) -> Result<$out, Error> $body

            workflow! { $name<$in -> $out>($($binding)+) $body }

            #[tokio::test]
            async fn same_as_plain() {
                for input in $inputs {
                    traced();
                    let expected = (plain(input.clone()).await.map_err(|error| error.to_string()), traced());
                    let straight = ($name::run(&(), input.clone()).await.completed().map_err(|error| error.to_string()), traced());
                    assert_eq!(straight, expected, "straight through, on {input:?}");
                    let (result, states) = stored::<$name>(input.clone()).await;
                    assert_eq!((result, traced()), expected, "with every state stored, on {input:?}");
                    restored::<$name>(states, &expected).await;
                }
            }
        }
    };
}

async fn stored<W>(input: W::Input) -> (Result<W::Output, String>, Vec<Snapshot>)
where
    W: Workflow<()>,
    W::Output: Debug,
{
    let store = Recording::over(modes::store().await);
    let built = modes::driven(Runtime::builder(())).store(store.clone()).register::<W>().reload_every_transition(true).build();
    let run = built.await.unwrap().start::<W>(input).await.unwrap();
    let outcome = run.outcome().await.unwrap().completed().map_err(|error| error.to_string());
    (outcome, store.states())
}

/// Goes on from every state that a run was in: the same result, and of the steps only those behind it.
async fn restored<W>(states: Vec<Snapshot>, expected: &(Result<W::Output, String>, Vec<String>))
where
    W: Workflow<()>,
    W::Output: Debug + PartialEq,
{
    for state in states {
        let text = serde_json::to_string(&state).unwrap();
        let state = serde_json::from_str(&text).unwrap();
        traced();
        let result = from_snapshot::<W, _>(&(), state).await.completed().map_err(|error| error.to_string());
        assert_eq!(result, expected.0, "from {text}");
        let mut before = expected.1.clone();
        for line in traced().iter().rev() {
            let at = before.iter().rposition(|known| known == line);
            before.remove(at.unwrap_or_else(|| panic!("`{line}` ran, which is not to come behind {text}")));
        }
    }
}

shape!(sequence, Sequence<u32 => u32>(n) [1_u32, 2000], {
    let x = a(n).await?;
    trace("between");
    let y = b(x).await?;
    Ok(x + y)
});

shape!(tail_is_a_node, TailIsANode<u32 => u32>(n) [1_u32, 2000], {
    let x = a(n).await?;
    Ok(b(x).await?)
});

shape!(no_await, NoAwait<u32 => u32>(n) [1_u32], { Ok(n * 2) });

shape!(branches, Branches<u32 => u32>(n) [1_u32, 5, 7, 2000], {
    let x = a(n).await?;
    let y = if x > 5 {
        let z = b(x).await?;
        c(z).await?
    } else if x == 2 {
        x
    } else {
        d(x).await?
    };
    Ok(x + y)
});

shape!(branch_without_value, BranchWithoutValue<u32 => u32>(n) [1_u32, 5], {
    let mut x: u32 = n;
    if x > 3 {
        x = a(x).await?;
    }
    trace(format!("x {x}"));
    if x > 3 {
        trace("again");
        b(x).await?;
    } else {
        trace("small");
    }
    Ok(x)
});

shape!(early_return, EarlyReturn<u32 => u32>(n) [1_u32, 5, 9], {
    if n == 1 {
        return Ok(0);
    }
    let x = a(n).await?;
    if x == 6 {
        b(x).await?;
        return Ok(x);
    }
    if x > 100 {
        return Err(TooLarge(x).into());
    }
    let y = c(x).await?;
    Ok(y)
});

shape!(returns_late, ReturnsLate<u32 => u32>(n) [1_u32, 5], {
    let count = format!("{n}").len();
    if n > 3 {
        a(n).await?;
        return Err(Error::new("no"));
    }
    trace(format!("{count}"));
    Ok(n)
});

shape!(borrowed_past_a_leaving_branch, BorrowedPast<Vec<u32> => u32>(all) [vec![1_u32, 2], vec![7], vec![]], {
    let first = all.first();
    let Some(first) = first else { return Ok(0) };
    if *first > 3 {
        a(3).await?;
        return Ok(9);
    }
    trace(format!("{first}"));
    Ok(*first)
});

shape!(matches_with_guards, MatchesWithGuards<u32 => u32>(n) [1_u32, 2, 3, 40], {
    let p = pair(n).await?;
    let y = match &p.kind {
        Kind::Even(m) if *m > 10 => {
            let m: u32 = *m;
            trace(format!("big {m}"));
            a(m).await?
        }
        Kind::Even(m) => {
            let once = b(*m).await?;
            trace(format!("still {m} {:?}", p.right));
            once
        }
        Kind::Odd => 7,
    };
    Ok(y + p.left)
});

shape!(match_by_value, MatchByValue<u32 => u32>(n) [1_u32, 2], {
    let p = pair(n).await?;
    match p.right {
        Some(text) if text.len() > 5 => {
            trace(text);
            Ok(0)
        }
        Some(text) => {
            let text: String = text;
            let x = a(n).await?;
            trace(text.clone());
            Ok(x + text.len() as u32)
        }
        None => {
            let x = b(n).await?;
            Ok(x)
        }
    }
});

shape!(if_let, IfLet<u32 => u32>(n) [1_u32], {
    let p = pair(n).await?;
    let mut total: u32 = 0;
    if let Some(text) = &p.right {
        total += a(1).await?;
        trace(format!("{text} {total}"));
        total += b(2).await?;
        trace(text.as_str());
    }
    let notes = &p.right;
    total += c(total).await?;
    trace(format!("{notes:?}"));
    Ok(total)
});

shape!(while_loop, WhileLoop<u32 => u32>(mut n) [0_u32, 3], {
    let mut rounds: u32 = 0;
    while n < 5 {
        n = a(n).await?;
        rounds += 1;
        if n == 2 {
            trace("skip");
            continue;
        }
        if rounds > 10 {
            break;
        }
        trace(format!("{n} {rounds}"));
    }
    Ok(n * 10 + rounds)
});

shape!(while_let, WhileLet<Vec<u32> => u32>(mut queue) [vec![3_u32, 1, 2], vec![]], {
    let mut total: u32 = 0;
    while let Some(next) = queue.pop() {
        let next: u32 = next;
        total += a(next).await?;
        trace(format!("{}", queue.len()));
    }
    Ok(total)
});

shape!(while_on_a_node, WhileOnANode<u32 => u32>(mut n) [0_u32, 5], {
    while a(n).await? < 4 {
        n += 1;
        trace("turn");
    }
    Ok(n)
});

shape!(break_with_value, BreakWithValue<u32 => u32>(n) [0_u32, 3], {
    let mut x: u32 = n;
    let found: u32 = loop {
        x = a(x).await?;
        if x > 3 {
            break x * 2;
        }
        let y = b(x).await?;
        if y == 3 {
            break 77;
        }
    };
    let z = c(found).await?;
    Ok(z + found)
});

shape!(labelled, Labelled<u32 => u32>(n) [0_u32, 2], {
    let mut total: u32 = 0;
    'outer: loop {
        total += a(n).await?;
        for i in 0..5 {
            if i == 3 {
                trace("inner");
                if total > 5 { break 'outer; }
                continue 'outer;
            }
        }
    }
    Ok(total)
});

shape!(nested_loops, NestedLoops<u32 => u32>(n) [2_u32], {
    let mut total: u32 = 0;
    let mut i: u32 = 0;
    while i < n {
        let mut j: u32 = 0;
        while j < 3 {
            total += a(i * 10 + j).await?;
            j += 1;
            if j == 2 { continue; }
        }
        i += 1;
        let m: u32 = i;
        b(m).await?;
    }
    Ok(total)
});

shape!(shadowing, Shadowing<u32 => String>(n) [1_u32], {
    let x = a(n).await?;
    let x = format!("<{x}>");
    trace(x.as_str());
    let x: usize = x.len();
    let y = b(x as u32).await?;
    let x = pair(y).await?;
    Ok(format!("{}{n}", x.left))
});

shape!(shadowing_inside, ShadowingInside<u32 => u32>(n) [1_u32, 8], {
    let x: u32 = n + 1;
    trace(format!("{x}"));
    let y: u32 = {
        let x = x * 2;
        trace(format!("{x}"));
        let z = a(n).await?;
        z + 1
    };
    if y > 3 {
        let x = 100;
        trace(format!("{x}"));
        b(y).await?;
    }
    Ok(x + y)
});

shape!(shadowing_in_a_loop, ShadowingInALoop<u32 => u32>(n) [1_u32], {
    let x: u32 = n;
    let mut turns: u32 = 0;
    loop {
        let x = x + turns;
        trace(format!("{x}"));
        a(turns).await?;
        turns += 1;
        if turns == 3 { break; }
    }
    Ok(x)
});

shape!(destructuring, Destructuring<u32 => u32>(n) [1_u32], {
    let Pair { left, right, .. } = pair(n).await?;
    let left: u32 = left;
    let right: Option<String> = right;
    let x = a(left).await?;
    let text = right.as_deref().unwrap_or("none");
    trace(text);
    Ok(x + left)
});

shape!(let_else, LetElse<u32 => u32>(n) [1_u32], {
    let p = pair(n).await?;
    let Some(text) = &p.right else {
        b(1).await?;
        return Ok(0);
    };
    let y = a(n).await?;
    trace(text.as_str());
    Ok(y)
});

shape!(let_else_of_a_node, LetElseOfANode<u32 => u32>(n) [1_u32, 2000], {
    let why: u32 = n * 2;
    let Ok(x) = a(n).await else {
        let y = b(1).await?;
        let z = c(y).await?;
        trace(format!("{why}"));
        return Ok(z);
    };
    let x: u32 = x;
    let y = d(x).await?;
    Ok(x + y)
});

shape!(errors_as_values, ErrorsAsValues<u32 => u32>(n) [1_u32, 2000], {
    let r = a(n).await;
    match r {
        Ok(x) => Ok(x),
        Err(e) => {
            let e: String = e.to_string();
            let x = b(1).await?;
            trace(e);
            Ok(x)
        }
    }
});

shape!(awaits_in_arguments, AwaitsInArguments<u32 => u32>(n) [1_u32], {
    let x = b(a(n).await?).await?;
    let y: u32 = c(x).await? + d(n).await?;
    if e(y).await? > 3 && n > 0 {
        trace("yes");
    }
    Ok(u32::max(y, f(1).await?))
});

shape!(borrowed_arguments, BorrowedArguments<String => Vec<String>>(text) ["a b".to_owned()], {
    let more = words(&text, &["x".to_owned(), text.clone()]).await?;
    let joined: String = more.join("-");
    trace(format!("{joined}!"));
    let x = a(more.len() as u32).await?;
    trace(format!("{x}{joined:>5}"));
    Ok(more)
});

shape!(joins, Joins<u32 => u32>(n) [1_u32, 2000], {
    let x: u32 = n + 1;
    let (l, r) = try_join!(a(n), b(x))?;
    let (p, q) = join!(c(l), d(r));
    let p = p?;
    Ok(p + q? + x)
});

shape!(question_on_plain_results, QuestionOnPlainResults<String => u32>(text) ["12".to_owned(), "x".to_owned()], {
    let n: u32 = text.parse()?;
    let x = a(n).await?;
    let y: u32 = format!("{x}").parse()?;
    Ok(y)
});

shape!(closures_and_macros, ClosuresAndMacros<Vec<u32> => Vec<u32>>(all) [vec![1_u32, 2, 3]], {
    let offset: u32 = 10;
    let first = a(all[0]).await?;
    let add = |x: &u32| x + offset + first;
    let mut out: Vec<u32> = all.iter().map(add).collect();
    assert!(matches!(all.len(), 3), "{first}");
    let last = b(out[0]).await?;
    out.extend(vec![last; 2]);
    Ok(out)
});

shape!(deep, Deep<u32 => u32>(n) [1_u32, 4, 6], {
    let mut total: u32 = 0;
    let mut i: u32 = n;
    while i < 8 {
        if i.is_multiple_of(2) {
            match a(i).await? {
                5 => {
                    total += 100;
                    if total > 150 { break; }
                }
                m if m > 6 => {
                    loop {
                        total += b(m).await?;
                        if total > 20 { break; }
                    }
                }
                _ => {}
            }
        } else {
            total += c(i).await?;
        }
        i += 1;
    }
    Ok(total)
});

shape!(for_over_a_list, ForOverAList<Vec<u32> => u32>(list) [vec![], vec![1_u32, 2, 3], vec![1, 2000, 3]], {
    let mut sum: u32 = 0;
    for n in &list {
        if *n == 2 {
            continue;
        }
        let x = a(*n).await?;
        sum += x + n;
        let y = b(sum).await?;
        if y > 900 {
            break;
        }
    }
    Ok(sum)
});

shape!(for_over_a_range, ForOverARange<u32 => u32>(n) [0_u32, 1, 4], {
    let mut sum: u32 = 0;
    for i in 0..n {
        sum += a(i).await?;
        for j in (0..=i).rev() {
            sum += b(j).await? * i;
        }
    }
    Ok(sum)
});

shape!(for_with_the_index, ForWithTheIndex<Vec<u32> => String>(list) [vec![], vec![5_u32, 6]], {
    let mut text: String = String::new();
    for (i, n) in list.iter().enumerate() {
        let x = a(*n).await?;
        text.push_str(&format!("{i}:{n}:{x} "));
    }
    Ok(text)
});

shape!(for_takes_the_list, ForTakesTheList<u32 => u32>(n) [3_u32], {
    let text: String = "x".repeat(n as usize);
    let more: Vec<String> = vec!["y".to_owned()];
    let list = words(&text, &more).await?;
    let mut sum: u32 = 0;
    'all: for word in list {
        let x = a(word.len() as u32).await?;
        for c in word.chars() {
            sum += b(c as u32).await? + x;
            if c == 'y' {
                break 'all;
            }
        }
    }
    Ok(sum)
});

shape!(for_over_an_output, ForOverAnOutput<String => usize>(text) ["a b c".to_owned()], {
    let mut sum: usize = 0;
    for word in words(&text, &[]).await? {
        let x = a(1).await?;
        sum += word.len() + x as usize;
    }
    Ok(sum)
});

shape!(result_patterns, ResultPatterns<u32 => u32>(n) [1_u32, 2000], {
    let x = match a(n).await {
        Ok(x) => {
            b(x).await?;
            x
        }
        Err(error) => {
            let y = c(1).await?;
            trace(error.to_string());
            y
        }
    };
    let kept: u32 = x;
    let moved = kept;
    d(1).await?;
    Ok(moved)
});

shape!(patterns_that_shadow, PatternsThatShadow<u32 => u32>(n) [1_u32, 2], {
    let m: u32 = n + 1;
    let pair = pair(n).await?;
    if let Some(n) = &pair.right {
        let m: u32 = a(n.len() as u32).await?;
        trace(format!("{n} {m}"));
    }
    match pair.kind {
        Kind::Even(n) if n > 1 => {
            trace(n.to_string());
            let x = b(m).await?;
            trace(x.to_string());
        }
        Kind::Even(m) => trace(m.to_string()),
        Kind::Odd => {}
    }
    let list: Vec<u32> = vec![n, m];
    for n in &list {
        let m = c(*n).await?;
        trace(format!("{n} {m}"));
    }
    Ok(n * 100 + m)
});

shape!(lists_of_lists, ListsOfLists<Vec<Vec<u32>> => u32>(page) [vec![vec![1_u32, 2], vec![], vec![3]]], {
    let mut sum: u32 = 0;
    for line in &page {
        for n in line {
            sum += a(*n).await?;
        }
        for word in line.iter() {
            sum += b(*word).await?;
        }
    }
    for (at, line) in page.iter().enumerate().rev() {
        let n = c(at as u32).await?;
        sum += n * line.len() as u32;
    }
    Ok(sum + page.len() as u32)
});

shape!(labelled_blocks, LabelledBlocks<u32 => u32>(n) [1_u32, 2, 3, 2000], {
    let mut sum: u32 = 0;
    let found = 'found: {
        for i in 0..n {
            let x = a(i).await?;
            if x == 2 {
                break 'found x * 10;
            }
            if i == 7 {
                break;
            }
            sum += x;
        }
        if n == 1 {
            break 'found 5;
        }
        b(n).await?
    };
    'skip: {
        if found > 10 {
            break 'skip;
        }
        sum += c(found).await?;
    }
    Ok(sum + found)
});

shape!(declared_before, DeclaredBefore<u32 => u32>(n) [1_u32, 2, 5], {
    let x: u32;
    if n > 3 {
        x = a(n).await?;
    } else if n == 2 {
        x = 7;
    } else {
        x = b(n).await? + 1;
    }
    let y = c(1).await?;
    Ok(x + y)
});

shape!(anything_between, AnythingBetween<u32 => String>(n) [1_u32, 4], {
    const STEP: u32 = 3;
    fn double(n: u32) -> u32 {
        n * 2
    }
    struct Local {
        n: u32,
    }
    #[allow(unused_variables, reason = "an attribute on a statement")]
    let ignored: u32 = 5;
    let x = a(double(n) + STEP).await?;
    tracing::info!(x, "a step with {n}");
    assert!(x > n, "x is {x}");
    assert_eq!(double(x), x * 2);
    debug_assert!(matches!(n, 1 | 4));
    let local = Local { n: x };
    let more: Vec<String> = vec![format!("{n}"); local.n as usize].into_iter().take(2).collect();
    let list = words(&format!("{x} {}", more.len()), &more).await?;
    let longest: usize = list.iter().map(|word| word.len()).max().unwrap_or_default();
    let first = if let Some(first) = list.first() && first.len() == longest { first.clone() } else { String::new() };
    let text: String = { let mut text = String::from("<"); text += &first; text.push('>'); text };
    let y = b(longest as u32).await?;
    let parsed: u32 = "17".parse::<u32>()?;
    Ok(format!("{text}{y}{parsed}{STEP}"))
});

shape!(labelled_block, LabelledBlock<u32 => u32>(n) [1_u32, 5], {
    let x = a(n).await?;
    let mut total: u32 = 'block: {
        if x > 3 { break 'block x; }
        for _ in 0..3 {
            if x == 2 { break 'block 7; }
        }
        1
    };
    'turns: loop {
        total += b(total).await?;
        'skip: {
            if total > 20 { break 'turns; }
            if total.is_multiple_of(2) { break 'skip; }
            trace("odd");
        }
    }
    Ok(total)
});

shape!(bound_again_in_an_arm_that_falls_through, BoundAgain<u32 => u32>(n) [1_u32, 3, 7], {
    let p = pair(n).await?;
    let x: u32 = match p.right.clone() {
        Some(text) => {
            let text: String = text;
            if n == 3 {
                a(n).await?;
                trace(text);
                return Ok(0);
            }
            text.len() as u32
        }
        None => 5,
    };
    Ok(x + p.left)
});

steps! {
    a1 b1 c1 d1 e1
    a2 b2 c2 d2 e2
    a3 b3 c3 d3 e3
    a4 b4 c4 d4 e4
    a5 b5 c5 d5 e5
    a6 b6 c6 d6 e6
}

// So many places that the machine is cut into several functions.
shape! { long, Long<u32 => Vec<u32>>(n) [0, 1, 2, 5, 9, 20], {
    let mut sum: u32 = n;
    while sum < n {
        let left = if sum.is_multiple_of(2) { a1(sum).await? } else { b1(sum).await? };
        let (l, r) = try_join!(c1(left), d1(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e1(sum + extra).await?;
        }
    }
    let kept_1 = sum;
    while sum < n * 2 {
        let left = if sum.is_multiple_of(2) { a2(sum).await? } else { b2(sum).await? };
        let (l, r) = try_join!(c2(left), d2(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e2(sum + extra).await?;
        }
    }
    let kept_2 = sum;
    while sum < n * 3 {
        let left = if sum.is_multiple_of(2) { a3(sum).await? } else { b3(sum).await? };
        let (l, r) = try_join!(c3(left), d3(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e3(sum + extra).await?;
        }
    }
    let kept_3 = sum;
    while sum < n * 4 {
        let left = if sum.is_multiple_of(2) { a4(sum).await? } else { b4(sum).await? };
        let (l, r) = try_join!(c4(left), d4(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e4(sum + extra).await?;
        }
    }
    let kept_4 = sum;
    while sum < n * 5 {
        let left = if sum.is_multiple_of(2) { a5(sum).await? } else { b5(sum).await? };
        let (l, r) = try_join!(c5(left), d5(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e5(sum + extra).await?;
        }
    }
    let kept_5 = sum;
    while sum < n * 6 {
        let left = if sum.is_multiple_of(2) { a6(sum).await? } else { b6(sum).await? };
        let (l, r) = try_join!(c6(left), d6(left))?;
        sum = l.min(r);
        if sum > 90 {
            return Err(TooLarge(sum).into());
        }
        for extra in 0..2u32 {
            sum = e6(sum + extra).await?;
        }
    }
    let kept_6 = sum;
    Ok(vec![kept_1, kept_2, kept_3, kept_4, kept_5, kept_6])
} }
