//! So many places that the machine is cut into several functions.

use super::*;

steps! {
    a1 b1 c1 d1 e1
    a2 b2 c2 d2 e2
    a3 b3 c3 d3 e3
    a4 b4 c4 d4 e4
    a5 b5 c5 d5 e5
    a6 b6 c6 d6 e6
}

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
