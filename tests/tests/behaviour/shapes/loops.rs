//! Loops, and what is left of them.

use super::*;

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
