//! The exponential function at compile time, for the tables.
//!
//! No float is left at run time: tests hold every table against `libm`.

/// e^x to about 12 digits, for |x| up to 20.
pub(super) const fn exp(x: f64) -> f64 {
    // e^x = (e^(x / 1024))^1024, where the series converges within eight terms.
    let small = x / 1024.0;
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1);
    while n <= 8 {
        term *= small / n as f64;
        sum += term;
        n += 1;
    }
    let mut squarings = 0;
    while squarings < 10 {
        sum *= sum;
        squarings += 1;
    }
    sum
}

/// The nearest integer, ties away from zero.
pub(super) const fn round(x: f64) -> i32 {
    if x < 0.0 { (x - 0.5) as i32 } else { (x + 0.5) as i32 }
}
