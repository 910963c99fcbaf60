/// The digits of a decimal number without leading and trailing zeros, and the power of ten of the last digit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Parses digits with an optional sign, point and exponent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let trimmed = i64::try_from(all.len() - digits.len()).ok()?;
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let exponent = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + trimmed;
        Some(Self { negative, digits, exponent })
    }

    /// Returns the number as a 64-bit integer if it is one.
    pub(super) fn as_integer(&self) -> Option<i64> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| *zeros < 20)?;
        let sign = if self.negative { "-" } else { "" };
        if self.digits.is_empty() {
            return Some(0);
        }
        format!("{sign}{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// Returns `true` if a column with `precision` digits, `scale` of them after the point, stores every digit.
    pub(super) fn fits(&self, precision: u32, scale: u32) -> bool {
        let (precision, scale) = (i64::from(precision), i64::from(scale));
        let before = i64::try_from(self.digits.len()).map(|digits| digits + self.exponent);
        self.digits.is_empty() || (self.exponent >= -scale && before.is_ok_and(|before| before <= precision - scale))
    }

    /// Returns the number as a floating point number if that preserves every digit.
    pub(super) fn as_float(&self) -> Option<f64> {
        let sign = if self.negative { "-" } else { "" };
        let float: f64 = format!("{sign}{}e{}", self.digits, self.exponent).parse().ok()?;
        let kept = Self::parse(&print_float(float)?)? == *self;
        kept.then_some(float)
    }
}

/// Formats a finite number like JavaScript: with the fewest digits from which the same number is parsed.
pub(super) fn print_float(float: f64) -> Option<String> {
    float.is_finite().then(|| ryu_js::Buffer::new().format_finite(float).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_keep_every_digit_or_are_rejected() {
        let integer = |text| Decimal::parse(text).and_then(|decimal| decimal.as_integer());
        let float = |text| Decimal::parse(text).and_then(|decimal| decimal.as_float());
        assert_eq!(integer("100"), Some(100));
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer("0.00"), Some(0));
        assert_eq!(integer("1.5e1"), Some(15));
        assert_eq!(integer("9223372036854775808"), None);
        assert_eq!(float("1.10"), Some(1.1));
        assert_eq!(float("-12345.678"), Some(-12345.678));
        assert_eq!(float("0.12345678901234567890123"), None);
        assert_eq!(float("1e999"), None);
        for text in ["", "-", ".", "1.2.3", "0x10", "NaN", "Infinity", "1e", "1 ", "１"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn digits_are_counted_on_both_sides_of_the_point() {
        let fits = |text, precision, scale| Decimal::parse(text).unwrap().fits(precision, scale);
        assert!(fits("99999999.99", 10, 2) && fits("-0.10", 10, 2) && fits("0", 1, 1) && fits("1e7", 10, 2));
        assert!(!fits("0.001", 10, 2) && !fits("100000000", 10, 2) && !fits("1e9999", 65, 30));
    }

    proptest! {
        #[test]
        fn floats_survive(float in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            let text = print_float(float).unwrap();
            let decimal = Decimal::parse(&text).unwrap();
            prop_assert!(decimal.digits.is_empty() || decimal.as_float() == Some(float), "{text}");
        }

        #[test]
        fn no_text_panics(text in "[-+]?[0-9]{0,25}[.]?[0-9]{0,25}(e[-+]?[0-9]{0,12})?") {
            if let Some(decimal) = Decimal::parse(&text) {
                let _ = (decimal.as_integer(), decimal.as_float());
            }
        }
    }
}
