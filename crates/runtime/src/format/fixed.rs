//! Few decimals of a float, exactly and without its text.

/// Powers of ten that fit.
const TENS: [u64; 18] = {
    let mut tens = [1; 18];
    let mut at = 1;
    while at < tens.len() {
        tens[at] = tens[at - 1] * 10;
        at += 1;
    }
    tens
};

/// The multiple of `10 ** -places` that is nearest to a float of no sign, ties to the even one: what `dtoa` gives in its
/// mode 3 (`Python/dtoa.c`).
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Fixed {
    /// How often.
    units: u64,
    places: usize,
}

impl Fixed {
    /// Of that float, if it is neither large nor precise.
    ///
    /// A float is a whole number of 53 binary digits times a power of two, so its product with the power of ten is a whole
    /// number of 110 digits at most, times that power of two.
    pub(crate) fn of(value: f64, places: usize) -> Option<Self> {
        const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
        let bits = value.to_bits();
        let exponent = (bits >> FRACTION) as i32;
        let ten = u128::from(*TENS.get(places)?);
        if bits == 0 {
            return Some(Self { units: 0, places });
        }
        // Neither a subnormal one, nor one without a fraction, nor with a sign.
        if !(1..1023 + FRACTION as i32).contains(&exponent) {
            return None;
        }
        let digits = u128::from(bits & ((1 << FRACTION) - 1) | 1 << FRACTION) * ten;
        let shift = (1023 + FRACTION as i32 - exponent) as u32;
        if shift >= 112 {
            return Some(Self { units: 0, places });
        }
        let (below, rest) = (digits >> shift, digits & ((1 << shift) - 1));
        let half = 1 << (shift - 1);
        let units = below + u128::from(rest > half || rest == half && below & 1 == 1);
        Some(Self { units: u64::try_from(units).ok()?, places })
    }

    /// Whether it is zero.
    pub(crate) fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The float nearest to it, if that takes one division (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
    pub(crate) fn value(self) -> Option<f64> {
        (self.units < 1 << f64::MANTISSA_DIGITS && self.places <= 15)
            .then(|| self.units as f64 / TENS[self.places] as f64)
    }

    /// Writes it with its decimals.
    pub(crate) fn write(self, out: &mut String) {
        let ten = TENS[self.places];
        let mut digits = itoa::Buffer::new();
        out.push_str(digits.format(self.units / ten));
        if self.places > 0 {
            // A digit in front holds the places of zeros.
            let fraction = digits.format(self.units % ten + ten);
            out.push('.');
            out.push_str(&fraction[1..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Floats of any size, decimals, and those that lie in the middle.
    fn floats() -> impl Iterator<Item = f64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let random = (0..60_000).map(move |at| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            match at % 5 {
                0 => f64::from_bits(state >> 1),
                1 => (state >> 11) as f64 / 1e7,
                2 => f64::from(state as u32) / 1000.0,
                3 => f64::from(state as u16) / 64.0,
                _ => f64::from_bits((1023 + (state & 63) - 32) << 52 | state >> 12),
            }
        });
        let special = [0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 2.675, 1e15, 1e16, 4503599627370495.5, 5e-324, f64::MAX];
        random.chain(special).filter(|value| value.is_finite())
    }

    #[test]
    fn digits_are_those_of_the_exact_text() {
        let mut quick = 0;
        for value in floats() {
            for places in [0, 1, 2, 3, 6, 9, 15, 17] {
                let Some(fixed) = Fixed::of(value, places) else { continue };
                let (mut text, exact) = (String::new(), format!("{value:.places$}"));
                fixed.write(&mut text);
                assert_eq!(text, exact, "{value:?} to {places}");
                assert_eq!(fixed.is_zero(), exact.bytes().all(|byte| matches!(byte, b'0' | b'.')));
                if let Some(rounded) = fixed.value() {
                    assert_eq!(
                        rounded.to_bits(),
                        exact.parse::<f64>().expect("a float").to_bits(),
                        "{value:?} to {places}"
                    );
                    quick += 1;
                }
            }
        }
        assert!(quick > 100_000, "{quick}");
    }

    #[test]
    fn others_are_left() {
        for value in [-1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1e16] {
            assert_eq!(Fixed::of(value, 2), None, "{value:?}");
        }
        assert_eq!(Fixed::of(1.0, 18), None);
        assert_eq!(Fixed::of(4e3, 17), None);
        assert_eq!(Fixed::of(1e15, 1).and_then(Fixed::value), None);
    }
}
