//! A seeded generator of our own, so that the same seed gives the same estate in every release of every crate.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one word of state, passes BigCrush, four lines.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`, with the 53 bits a double holds.
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..n`, or 0 when `n` is 0. Multiply and shift instead of a remainder: the bias is below n / 2³².
    pub fn below(&mut self, n: u32) -> u32 {
        (((self.word() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Heavy-tailed in `0..n`: rank r is drawn in proportion to r^-(1 - 1/power), as gen.py's `zipf`.
    /// Only IEEE multiplications, so every platform draws the same ranks.
    pub fn heavy(&mut self, n: u32, power: u32) -> u32 {
        let u = self.unit();
        let ranked = (1..power).fold(u, |product, _| product * u);
        ((ranked * f64::from(n)) as u32).min(n.saturating_sub(1))
    }

    /// Fisher-Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}
