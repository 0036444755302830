//! A checked model.

mod calibration;
#[cfg(feature = "signed")]
mod signed;

use crate::format::body::{Body, Calibration, Provenance};
use crate::format::{BATCH, Dimensions, Encoding, Header, LoadError, Part, equal, within};
use crate::image::{Frame, Image};
use crate::layers::{Line, PackError, Packed};
use crate::network::Network;
use crate::preparation::{MAX_MARGIN, Preparation, PrepareError};

/// A checked model that borrows its weights from the file's bytes.
///
/// Once it is loaded, inference cannot fail, index out of bounds or overflow.
///
/// ```
/// use arc_runtime::Model;
///
/// let model = Model::load(arc_runtime::include_model!("../../tests/data/tiny.arc"))?;
/// assert_eq!(model.dimensions().image_side, 13);
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Model<'m> {
    provenance: Provenance<'m>,
    network: Network<'m>,
    calibration: Option<Calibration>,
    preparation: Preparation,
    packed: bool,
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
        let (workspace, batch) = (header.workspace_bytes, header.batch_bytes);
        let size = if earlier { 1 } else { BATCH };
        for (quantity, found, expected) in [
            ("the workspace", workspace, 4 * dimensions.workspace_words()),
            ("the batch", batch, 4 * dimensions.batch_words(size)),
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
        let network = Network::new(body)?;
        if let Some(calibration) = &body.calibration {
            calibration.check()?;
        }
        if let Preparation::Ink(ink) = &body.preparation {
            let most = MAX_MARGIN.into();
            within(Part::Preparation, "the margin", ink.margin.into(), 0, most)?;
        }
        let (provenance, calibration) = (body.provenance, body.calibration);
        Ok(Self { provenance, network, calibration, preparation: body.preparation, packed: false })
    }

    /// Lines of memory that [`pack`](Self::pack) needs.
    pub fn packed_lines(&self) -> usize {
        let mut lines = 0;
        let mut model = self.clone();
        model
            .network
            .matrices(&mut |matrix| lines += Packed::lines(matrix.inputs(), matrix.outputs()));
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
        model.network.matrices(&mut |matrix| match matrix.pack(core::mem::take(&mut rest)) {
            Ok(behind) => rest = behind,
            Err(error) => result = Err(error),
        });
        model.packed = true;
        result.map(|()| model)
    }

    /// Whether the weights are packed for wide vectors.
    pub fn is_packed(&self) -> bool {
        self.packed
    }

    /// The model's sizes.
    pub fn dimensions(&self) -> Dimensions {
        self.network.dimensions()
    }

    /// What is to be done with a picture before the network gets it.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// Prepares a picture as the model wants it: the image that
    /// [`compare`](crate::Comparator::compare) takes, written to `pixels`, at least as many as the image's side squared.
    ///
    /// # Errors
    /// If nothing is drawn on the picture, or the buffer is too small.
    pub fn prepare<'b>(
        &self,
        picture: &Frame<'_>,
        pixels: &'b mut [i8],
    ) -> Result<Image<'b>, PrepareError> {
        self.preparation.prepare(picture, self.dimensions().image_side, pixels)
    }

    /// Where the model comes from.
    pub fn provenance(&self) -> &Provenance<'m> {
        &self.provenance
    }

    /// The parts that compute.
    #[doc(hidden)]
    pub fn network(&self) -> &Network<'m> {
        &self.network
    }
}
