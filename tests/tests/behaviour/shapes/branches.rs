//! Ways that part, meet again and leave.

use super::*;

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
