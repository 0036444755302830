//! What a score means: how probable it makes one class, and whether it is enough.

use crate::arithmetic::activation::SIGMOID;
use crate::format::body::Calibration;
use crate::format::{LoadError, Part, within};
use crate::model::Model;
use crate::network::Score;

/// One in Q16: the calibration gain of a model without a calibration.
const ONE: u32 = 1 << 16;

impl Calibration {
    /// Checks the numbers' ranges.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        let part = Part::Calibration;
        within(part, "the gain", self.gain, 1 << 10, 1 << 22)?;
        within(part, "the threshold's magnitude", self.threshold.unsigned_abs(), 0, 1 << 30)?;
        within(part, "false accepts in a million", self.false_accept_ppm, 1, 500_000)?;
        Ok(())
    }
}

impl Model<'_> {
    /// How a pair's logit is to be read, if it has been measured.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// The probability that two images of this score are of one class, Q0.15: 32767 is certain.
    ///
    /// Stated for images that are as often of one class as not, as they were when the model was
    /// calibrated; without a calibration it is the sigmoid of the logit.
    pub fn probability(&self, score: Score) -> i16 {
        let gain = self.calibration.map_or(ONE, |calibration| calibration.gain);
        // Q15.16 * Q16 to Q3.12; the logit is within 2^30, so that 64 bits are enough.
        let logit = (i64::from(score.logit) * i64::from(gain)) >> 20;
        SIGMOID.at(logit.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
    }

    /// Whether a score is enough for one class: at least [`threshold`](Self::threshold).
    pub fn accepts(&self, score: Score) -> bool {
        score >= self.threshold()
    }

    /// The least score that is accepted. A calibrated model's accepts a stated share of the pairs
    /// of different classes, which the file names; another's is the logit 0, the even odds.
    pub fn threshold(&self) -> Score {
        Score { logit: self.calibration.map_or(0, |calibration| calibration.threshold) }
    }
}
