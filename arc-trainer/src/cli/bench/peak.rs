//! The machine's integer dot products at their fastest.

use std::hint::black_box;

/// Numbers in each vector: a few rows that stay in the first cache.
const LENGTH: usize = 1024;
const ROWS: usize = 8;

/// Dot products of 8-bit numbers, as fast as the compiler's own code for this target has them. Returns the
/// multiply-accumulates of a call.
pub fn dot_products() -> impl FnMut() -> usize {
    let x: [i8; LENGTH] = std::array::from_fn(|k| k as i8);
    let rows: [[i8; LENGTH]; ROWS] =
        std::array::from_fn(|r| std::array::from_fn(|k| (r + k) as i8));
    move || {
        let x = black_box(&x);
        for row in black_box(&rows) {
            let products = row.iter().zip(x).map(|(&w, &x)| i32::from(w) * i32::from(x));
            black_box(products.sum::<i32>());
        }
        ROWS * LENGTH
    }
}
