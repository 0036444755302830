//! Numbers as they are shown.

/// Thousands apart, as in 12 000.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A fraction in per cent; what is nearly certain is not shown as certain.
pub fn percent(fraction: f64) -> String {
    match 100.0 * fraction {
        p if p > 99.9 && p < 100.0 => "> 99.9 %".into(),
        p if p < 0.1 && p > 0.0 => "< 0.1 %".into(),
        p => format!("{p:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let plain = |v| grouped(v).replace('\u{202f}', " ");
        assert_eq!([0.0, 999.0, 1000.0, 1234567.0].map(plain), ["0", "999", "1 000", "1 234 567"]);
    }
}
