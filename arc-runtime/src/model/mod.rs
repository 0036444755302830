//! The model file: a checked header, then weights that are used where they lie.
//!
//! [`body`] is what stands in the file, unchecked; [`Model`] is what has been checked,
//! and the only way to the kernels. `FORMAT.md` is the written specification.

pub mod body;
mod calibration;
mod dimensions;
mod error;
pub mod header;
mod matrix;
mod packed;
#[cfg(feature = "signed")]
pub mod signature;
mod version1;

pub use crate::arithmetic::RowScale;
pub use dimensions::Dimensions;
pub use error::{LoadError, Part};
pub use header::{Encoding, Header, LANES, VERSION};
#[doc(hidden)]
pub use matrix::Matrix;
#[doc(hidden)]
pub use packed::{BLOCK_ROWS, GROUP_COLUMNS, PARAMETERS, Packed};
pub use packed::{Line, PackError};

use crate::stages::{Context, Controller, Decision, GlimpseSensor, PairHead, Stem, WayHead};
use body::{Body, Calibration, Provenance};

/// A checked model that borrows its weights from the file's bytes.
///
/// Once it is loaded, inference cannot fail, index out of bounds or overflow.
#[derive(Debug, Clone)]
pub struct Model<'m> {
    provenance: Provenance<'m>,
    stem: Stem<'m>,
    sensor: GlimpseSensor,
    controller: Controller<'m>,
    decision: Decision<'m>,
    calibration: Option<Calibration>,
}

impl<'m> Model<'m> {
    /// Checks a model file, at any alignment, and borrows its weights.
    ///
    /// Bytes behind the length declared in the header are ignored, so that a flash
    /// partition can be given whole. Takes one pass over the file for its checksum.
    ///
    /// # Errors
    /// See [`LoadError`]; the order of the checks is that of [`Header::parse`], then the
    /// body's, then the header's sizes.
    pub fn load(file: &'m [u8]) -> Result<Self, LoadError> {
        let (header, body) = Header::parse(file)?;
        if header.encoding == Encoding::Float {
            return Err(LoadError::FloatReference);
        }
        // A body and a model are a kilobyte or two each: they stay where they were made, so that
        // the stack holds each of them once.
        let model = Self::from_bytes(header.version, body);
        if let Ok(model) = &model {
            model.check_sizes(&header)?;
        }
        model
    }

    /// Not to be inlined, so that the stack that the body takes is given back.
    #[inline(never)]
    fn from_bytes(version: u16, body: &'m [u8]) -> Result<Self, LoadError> {
        match &Body::decode(version, body) {
            Ok(body) => Self::from_body(body),
            Err(error) => Err(*error),
        }
    }

    /// Checks that the header states the sizes that the body asks for.
    fn check_sizes(&self, header: &Header) -> Result<(), LoadError> {
        let dimensions = self.dimensions();
        let part = Part::Header;
        for (quantity, found, expected) in [
            ("the features", header.feature_bytes, dimensions.feature_bytes()),
            ("the context", header.context_bytes, dimensions.context_bytes()),
        ] {
            equal(part, quantity, found as usize, expected as u32)?;
        }
        // Until version 2 a comparator took more than it does today: more than enough is enough.
        let earlier = header.version < 3;
        let (workspace, lockstep) = (header.workspace_bytes, header.lockstep_bytes);
        let lanes = if earlier { 1 } else { LANES };
        for (quantity, found, expected) in [
            ("the workspace", workspace, dimensions.workspace_bytes()),
            ("the lock-step", lockstep, dimensions.lockstep_bytes(lanes)),
        ] {
            let found = found as usize;
            let found = if earlier { found.min(expected) } else { found };
            equal(part, quantity, found, expected as u32)?;
        }
        Ok(())
    }

    /// Checks the body of a model that is about to be written; [`load`](Self::load) goes
    /// through here too, so that what can be written can be loaded.
    ///
    /// # Errors
    /// If a size, scale, bias or length is outside what the kernels rely on.
    #[inline(never)]
    pub fn from_body(body: &Body<'m>) -> Result<Self, LoadError> {
        let stem = Stem::new(body.image_side, &body.stem)?;
        let sensor = GlimpseSensor::new(&body.glimpse, stem.side(), stem.channels())?;
        let controller = Controller::new(&body.controller, &body.attention, &sensor)?;
        let decision = Decision::new(&body.decision, controller.hidden())?;
        if let Some(calibration) = &body.calibration {
            calibration.check()?;
        }
        let (provenance, calibration) = (body.provenance, body.calibration);
        Ok(Self { provenance, stem, sensor, controller, decision, calibration })
    }

    /// Lines of memory that [`pack`](Self::pack) needs.
    pub fn packed_lines(&self) -> usize {
        let mut lines = 0;
        let mut model = self.clone();
        model.matrices(&mut |matrix| lines += Packed::lines(matrix.inputs(), matrix.outputs()));
        lines
    }

    /// The model with its weights packed a second time, for the wide vectors of a host: in blocks
    /// of 16 rows, in `memory` of [`packed_lines`](Self::packed_lines). Kernels that know the
    /// layout use it; the bits that come out are the same.
    ///
    /// # Errors
    /// If the memory is too small.
    pub fn pack<'p>(&self, memory: &'p mut [Line]) -> Result<Model<'p>, PackError>
    where
        'm: 'p,
    {
        let (needed, given) = (self.packed_lines(), memory.len());
        if given < needed {
            return Err(PackError { needed, given });
        }
        let (mut model, mut rest): (Model<'p>, _) = (self.clone(), memory);
        let mut result = Ok(());
        model.matrices(&mut |matrix| match matrix.pack(core::mem::take(&mut rest)) {
            Ok(behind) => rest = behind,
            Err(error) => result = Err(error),
        });
        result.map(|()| model)
    }

    /// Every matrix that kernels multiply with.
    fn matrices(&mut self, each: &mut dyn FnMut(&mut Matrix<'m>)) {
        self.stem.matrices(each);
        self.controller.matrices(each);
        self.decision.matrices(each);
    }

    /// The model's sizes.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions {
            image_side: self.stem.image_side(),
            feature_side: self.stem.side(),
            channels: self.stem.channels(),
            stem_map_bytes: self.stem.map_bytes(),
            stem_macs: self.stem.macs(),
            glimpse_side: self.sensor.side(),
            glimpses_per_image: self.sensor.per_image(),
            hidden: self.controller.hidden(),
            head_hidden: self.decision.pair().map_or(0, PairHead::hidden_units),
            context_units: self.decision.context().map_or(0, Context::units),
            ways: self.decision.ways().map_or(0, WayHead::ways),
        }
    }

    /// Where the model comes from.
    pub fn provenance(&self) -> &Provenance<'m> {
        &self.provenance
    }

    /// The convolutions applied to each image.
    #[doc(hidden)]
    pub fn stem(&self) -> &Stem<'m> {
        &self.stem
    }

    /// How the feature map is sampled.
    #[doc(hidden)]
    pub fn sensor(&self) -> &GlimpseSensor {
        &self.sensor
    }

    /// The LSTM and the layer that places its glimpses.
    #[doc(hidden)]
    pub fn controller(&self) -> &Controller<'m> {
        &self.controller
    }

    /// What the last state is turned into.
    #[doc(hidden)]
    pub fn decision(&self) -> &Decision<'m> {
        &self.decision
    }
}

/// Checks that a number lies in a range.
pub(crate) fn within(
    part: Part,
    quantity: &'static str,
    found: u32,
    least: u32,
    most: u32,
) -> Result<usize, LoadError> {
    if (least..=most).contains(&found) {
        return Ok(found as usize);
    }
    Err(LoadError::OutOfRange { part, quantity, found, allowed: (least, most) })
}

/// Checks that a size is what the others ask for.
pub(crate) fn equal(
    part: Part,
    quantity: &'static str,
    found: usize,
    expected: u32,
) -> Result<(), LoadError> {
    if u32::try_from(found) == Ok(expected) {
        return Ok(());
    }
    Err(LoadError::Mismatch {
        part,
        quantity,
        found: u32::try_from(found).unwrap_or(u32::MAX),
        expected,
    })
}
