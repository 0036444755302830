//! Many numbers of few bytes of input, so that the fuzzer can try shapes that are larger than what
//! it mutates.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// Pseudo-random numbers (SplitMix64; Steele, Lea and Flood, 2014) of a kind that the input chooses.
#[derive(Debug, Clone)]
pub struct Noise {
    state: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// All alike.
    Uniform,
    /// The least and the greatest.
    Extreme,
    /// Mostly zero.
    Sparse,
    /// One number everywhere.
    Constant,
}

impl Noise {
    /// Takes the kind and the seed from the input.
    pub fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let kinds = [Kind::Uniform, Kind::Extreme, Kind::Sparse, Kind::Constant];
        Ok(Self { kind: *input.choose(&kinds)?, state: input.arbitrary::<u16>()?.into() })
    }

    /// `len` numbers from `least` to `most`; zero counts as sparse where it lies between them.
    pub fn numbers<T: TryFrom<i32>>(&mut self, len: usize, least: i32, most: i32) -> Vec<T> {
        let constant = self.within(least, most);
        let kind = self.kind;
        let number = |_| match kind {
            Kind::Uniform => self.within(least, most),
            Kind::Extreme => [least, most][self.within(0, 1) as usize],
            Kind::Sparse if self.within(0, 3) > 0 => 0.clamp(least, most),
            Kind::Sparse => self.within(least, most),
            Kind::Constant => constant,
        };
        let fitting = |number| T::try_from(number).ok().expect("the range is the type's");
        (0..len).map(number).map(fitting).collect()
    }

    /// Pixels, or features: 0 to 127.
    pub fn pixels(&mut self, len: usize) -> Vec<i8> {
        self.numbers(len, 0, 127)
    }

    /// States and weights of a matrix: any i8.
    pub fn signed(&mut self, len: usize) -> Vec<i8> {
        self.numbers(len, -128, 127)
    }

    /// A number from `least` to `most`, evenly, whatever the kind.
    pub fn within(&mut self, least: i32, most: i32) -> i32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = (i64::from(most) - i64::from(least) + 1) as u64;
        (i64::from(least) + ((z ^ (z >> 31)) % count) as i64) as i32
    }
}
