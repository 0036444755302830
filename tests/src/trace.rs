//! What the integer runtime did with a pair, stage by stage.

use anyhow::Result;
use arc_runtime::network::Gaze;
use arc_runtime::{Comparator, Image, Model, Role};

/// A comparison of two images.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Features of the probe.
    pub probe: Vec<i8>,
    /// Features of the support.
    pub support: Vec<i8>,
    /// The blank memory, then every step.
    pub steps: Vec<Step>,
    /// The logit, Q15.16.
    pub logit: i32,
}

/// A step of a comparison, owned; fields as in [`arc_runtime::Step`].
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the runtime's own step documents them")]
pub struct Step {
    pub role: Role,
    pub gaze: Gaze,
    pub glimpse: Vec<i8>,
    pub cell: Vec<i16>,
    pub state: Vec<i8>,
}

impl Trace {
    /// Compares two images of the model's side.
    ///
    /// # Errors
    /// If they are not.
    pub fn record(model: &Model<'_>, probe: &[i8], support: &[i8]) -> Result<Self> {
        let dimensions = model.dimensions();
        let mut comparator = Comparator::new(model, vec![0; dimensions.workspace_words()])?;
        let [probe_image, support_image] = [
            Image::new(dimensions.image_side, probe)?,
            Image::new(dimensions.image_side, support)?,
        ];
        let mut trace = Self {
            probe: vec![0; dimensions.feature_bytes()],
            support: vec![0; dimensions.feature_bytes()],
            steps: vec![Step {
                role: Role::Support,
                gaze: Gaze::default(),
                glimpse: vec![0; dimensions.glimpse_len()],
                cell: vec![0; dimensions.hidden],
                state: vec![0; dimensions.hidden],
            }],
            logit: 0,
        };
        comparator.extract(&probe_image, &mut trace.probe)?;
        comparator.extract(&support_image, &mut trace.support)?;
        let score = comparator.compare_traced(&probe_image, &support_image, |step| {
            trace.steps.push(Step {
                role: step.role,
                gaze: step.gaze,
                glimpse: step.glimpse.to_vec(),
                cell: step.cell.to_vec(),
                state: step.state.to_vec(),
            });
        })?;
        trace.logit = score.logit;
        Ok(trace)
    }
}
