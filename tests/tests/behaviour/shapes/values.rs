//! What is bound, shadowed, lent and given on.

use super::*;

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
