//! The training loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor, no_grad};

use super::adamw::{AdamW, zero_gradients};
use super::augment;
use super::average::Average;
use super::batch::{Batch, Set};
use super::canvas::Canvas;
use super::checkpoint::{self, Progress};
use super::display::Display;
use super::drawings::{Drawings, canvas_side};
use super::loss::{self, Loss};
use super::network::Network;
use super::rounding::Rounded;
use super::schedule::learning_rate;
use super::validate::one_shot;
use crate::config::Config;
use crate::progress::note;
use crate::run::metrics::{Line, Metrics, Window};
use crate::run::{Origin, RunFolder, RunLock};

/// Steps between two lines of metrics.
const LOG_EVERY: u64 = 100;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are done.
    Finished,
    /// It was asked to stop; `--resume` goes on.
    Interrupted,
}

/// A run in progress.
pub struct Trainer {
    config: Config,
    folder: RunFolder,
    network: Network,
    adamw: AdamW,
    average: Option<Average>,
    training: Canvas,
    validation: Canvas,
    progress: Progress,
    /// Nobody else trains in the folder.
    _lock: RunLock,
}

impl Trainer {
    /// Starts the run of `folder`, or goes on with it from its last checkpoint.
    ///
    /// The folder is written once nothing can be wrong with data and configuration any more, so
    /// that a mistake in them neither leaves half a run nor costs an earlier one. It is locked as
    /// long as the trainer lives.
    ///
    /// # Errors
    /// If another training has the folder, the data can't be read, leave nothing to train on, the
    /// checkpoint can't be used or is of a run begun otherwise, or the folder can't be written.
    pub fn new(folder: RunFolder, config: Config, device: Device, resume: bool) -> Result<Self> {
        if resume {
            folder.ensure_resumable()?;
        }
        // Whoever trains there is named before the data are read, which may take long.
        let lock = folder.is_in_use().then(|| folder.lock()).transpose()?;
        let Drawings { training, validation, origin } = Drawings::load(&config)?;
        if resume {
            ensure_same_run(&folder, &origin)?;
        }
        let side = config.model.image_side;
        let mut network = Network::new(&config.model, config.seed, device);
        if let (Some(start), false) = (&config.training.start, resume) {
            let best = RunFolder::open(start, &[])?.0.best();
            let new = checkpoint::start(&best, &network.parameters)?;
            note(format_args!("starting from {}; new: {}", best.display(), list(&new)));
        }
        if !config.training.only.is_empty() {
            network.parameters.train_only(&config.training.only)?;
        }
        let adamw = AdamW::new(&network.parameters);
        let decay = config.training.average;
        let average = (decay > 0.0).then(|| Average::new(&network.parameters, decay));
        let lock = lock.map_or_else(|| folder.lock(), Ok)?;
        let progress = if resume {
            let progress = {
                let state = adamw.state().chain(average.iter().flat_map(Average::state));
                checkpoint::load(&folder.last(), &network.parameters, state)?
            };
            folder.keep(&config)?;
            progress
        } else {
            folder.begin(&config, &lock)?;
            Progress::default()
        };
        Ok(Self {
            training: Canvas::new(&training, canvas_side(&config), device),
            validation: Canvas::new(&[vec![validation]], side, device),
            config,
            folder,
            network,
            adamw,
            average,
            progress: Progress { origin: Some(origin), ..progress },
            _lock: lock,
        })
    }

    /// Trained numbers of the network.
    pub fn parameter_count(&self) -> usize {
        self.network.parameters.count()
    }

    /// How far the run has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Trains until all steps are done or `stop` is set; then saves a checkpoint in either case.
    ///
    /// # Errors
    /// If a file of the run's folder can't be written, or loss or weights are no longer numbers.
    pub fn run(&mut self, stop: &AtomicBool) -> Result<Outcome> {
        self.run_until(self.config.training.steps, stop)
    }

    /// [`run`](Self::run), but asked to stop after step `last` at the latest.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn run_until(&mut self, last: u64, stop: &AtomicBool) -> Result<Outcome> {
        let settings = self.config.training.clone();
        let mut metrics = Metrics::open(&self.folder.metrics(), self.progress.step)?;
        let mut display = Display::new(settings.steps, self.progress.step);
        if self.progress.step == 0 {
            // So there is a checkpoint to resume from at any time, and too small a disk shows at once.
            self.save_last()?;
            if settings.steps == 0 {
                self.save_best()?;
            }
        }
        while self.progress.step < last.min(settings.steps) && !stop.load(Ordering::Relaxed) {
            let status = self.step(&mut metrics)?;
            display.step(self.progress.step, &status);
            let done = self.progress.step == settings.steps;
            if done || self.progress.step.is_multiple_of(settings.validate_every) {
                let note = self.validate(&mut metrics)?;
                display.note(&note);
                self.save_last()?;
            }
        }
        if self.progress.step >= settings.steps {
            return Ok(Outcome::Finished); // saved with its last validation
        }
        self.ensure_sound()?;
        self.save_last()?;
        Ok(Outcome::Interrupted)
    }

    /// One step; returns its status for people.
    fn step(&mut self, metrics: &mut Metrics) -> Result<String> {
        let started = Instant::now();
        let settings = &self.config.training;
        let step = self.progress.step + 1;
        let rate = learning_rate(settings, step);

        let rounded = settings.quantized.then(|| Rounded::begin(&self.network.parameters));
        self.network.rounds = settings.quantized;
        let (batch, Loss { loss, accuracy }) = self.forward(step, true);
        self.network.rounds = false;
        zero_gradients(&self.network.parameters);
        loss.backward();
        if let Some(rounded) = rounded {
            rounded.end(&self.network.parameters);
        }
        let loss = loss.double_value(&[]);
        let norm = AdamW::clip(&self.network.parameters, settings.clip);
        ensure!(
            loss.is_finite() && norm.is_finite(),
            "the loss is {loss} and its gradient {norm} at step {step}: {}",
            self.slower()
        );
        self.adamw.update(&self.network.parameters, step, rate, settings.weight_decay);
        if let Some(average) = &mut self.average {
            average.update(&self.network.parameters, step);
        }

        let seconds = started.elapsed().as_secs_f64();
        let pairs = (batch.episodes * batch.way * batch.way) as f64;
        let progress = &mut self.progress;
        progress.step = step;
        progress.seconds += seconds;
        let w = &mut progress.window;
        w.steps += 1;
        w.loss += loss;
        w.accuracy += accuracy.double_value(&[]);
        w.seconds += seconds;
        let steps = w.steps as f64;
        let (loss, accuracy, speed) =
            (w.loss / steps, w.accuracy / steps, steps * pairs / w.seconds);
        if step.is_multiple_of(LOG_EVERY) || step == settings.steps {
            let seconds = progress.seconds;
            metrics.write(&Line::Train {
                step,
                loss,
                accuracy,
                rate,
                pairs_per_second: speed,
                seconds,
            })?;
            progress.window = Window::default();
        }
        Ok(format!("loss {loss:.4}  accuracy {:.2} %  {speed:.0} pairs/s", 100.0 * accuracy))
    }

    /// The loss of step number `step`, rounded if the training is. All randomness of a step comes from a stream of its own,
    /// so that a resumed run draws what the unbroken one would have drawn. Unless it `learns`, batch norm's statistics
    /// stay as they are.
    fn forward(&self, step: u64, learns: bool) -> (Batch, Loss) {
        let config = &self.config;
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        rng.set_stream(step);
        let batch =
            Batch::sample(&mut rng, &self.sets(), config.training.recipe, &config.augmentation);
        let drawings = self.training.ink(&batch.drawings);
        let mut images =
            augment::apply(&drawings, &batch.maps, &batch.bends, config.model.image_side as i64);
        if config.augmentation.pixel_dropout > 0.0 {
            images = augment::drop_pixels(&images, config.augmentation.pixel_dropout, &mut rng);
        }
        let stem_learns = learns && self.network.parameters.trains("stem");
        let maps = self.network.features(&images, stem_learns);
        let (e, k) = (batch.episodes as i64, batch.way as i64);
        let (side, width) = (maps.size()[1], maps.size()[2]);
        let maps = maps.view([e, 2, k, side, width]);
        let ratings = self.network.rate(&maps.select(1, 0), &maps.select(1, 1));
        let loss = if batch.same.is_empty() {
            loss::episodes(&ratings)
        } else {
            let logits = ratings.ranking().view([-1]);
            let same = Tensor::from_slice(&batch.same).to_device(logits.device());
            loss::pairs(&logits, &same)
        };
        (batch, loss)
    }

    /// What episodes are drawn from: the sets of the configuration, behind the data that have the rest.
    fn sets(&self) -> Vec<Set<'_>> {
        let versions = self.training.versions;
        let shares = self.config.data.sets.iter().map(|set| (set.share, set.turns));
        let rows = self.training.sets.iter().zip(std::iter::once((1.0, true)).chain(shares));
        rows.map(|(rows, (share, turns))| Set { rows, share, turns, versions }).collect()
    }

    /// Measures one-shot accuracy on the held-out alphabets and keeps the best parameters; both
    /// with the averaged weights, where they are averaged.
    fn validate(&mut self, metrics: &mut Metrics) -> Result<String> {
        self.ensure_sound()?;
        self.swap_average();
        let note = self.ensure_sound().and_then(|()| self.validate_current(metrics));
        self.swap_average();
        note
    }

    fn swap_average(&mut self) {
        if let Some(average) = &mut self.average {
            average.swap(&self.network.parameters);
        }
    }

    fn validate_current(&mut self, metrics: &mut Metrics) -> Result<String> {
        let step = self.progress.step;
        if self.validation.sets[0].is_empty() {
            self.save_best()?;
            return Ok(format!(
                "step {step}: no validation alphabets, this checkpoint is kept as the best"
            ));
        }
        let score =
            one_shot(&self.network, &self.validation, self.config.training.validation_episodes);
        let accuracy = score.accuracy();
        let seconds = self.progress.seconds;
        metrics.write(&Line::Validation { step, accuracy, trials: score.trials, seconds })?;
        let best = self.progress.best.is_none_or(|(best, _)| accuracy >= best);
        if best {
            self.progress.best = Some((accuracy, step));
            self.save_best()?;
        }
        let mark = if best { ", the best so far" } else { "" };
        Ok(format!(
            "step {step}: {:.2} % one-shot on held-out alphabets ({} of {}){mark}",
            100.0 * accuracy,
            score.correct,
            score.trials
        ))
    }

    /// That the weights are worth keeping. A step's own loss and gradient say nothing of the
    /// weights that it leaves: these must be numbers, and give a number for the next step's loss.
    fn ensure_sound(&self) -> Result<()> {
        let step = self.progress.step;
        let state = self.state().map(|(_, tensor)| tensor);
        let mut tensors = self.network.parameters.all().map(|(_, tensor)| tensor).chain(state);
        let finite = tensors.all(|tensor| tensor.isfinite().all().int64_value(&[]) == 1);
        let next = no_grad(|| self.forward(step + 1, false).1.loss.double_value(&[]));
        ensure!(
            finite && next.is_finite(),
            "step {step} left weights that give no numbers: {}",
            self.slower()
        );
        Ok(())
    }

    /// What to do about a divergence.
    fn slower(&self) -> String {
        format!(
            "lower training.learning_rate; the last checkpoint is unharmed, and --resume {} --set learning_rate=RATE goes on from it",
            self.folder.path().display()
        )
    }

    /// What a resumed run needs besides the parameters.
    fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.adamw.state().chain(self.average.iter().flat_map(Average::state))
    }

    fn save_best(&self) -> Result<()> {
        checkpoint::save(&self.folder.best(), &self.network.parameters, None, &self.progress)
            .with_context(|| self.later())
    }

    fn save_last(&self) -> Result<()> {
        let file = self.folder.last();
        checkpoint::save(&file, &self.network.parameters, self.state(), &self.progress)
            .with_context(|| self.later())
    }

    /// What to do once there is room for a checkpoint again.
    fn later(&self) -> String {
        let (step, folder) = (self.progress.step, self.folder.path().display());
        format!("stopped at step {step}; --resume {folder} goes on from the last checkpoint")
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// That a run which goes on from the folder's last checkpoint is the run that was begun there.
fn ensure_same_run(folder: &RunFolder, origin: &Origin) -> Result<()> {
    let last = folder.last();
    match checkpoint::progress(&last)?.origin {
        Some(begun) => origin.continues(&begun).with_context(|| {
            format!(
                "{} can't be resumed: give it back what it was begun with, or {}",
                folder.path().display(),
                folder.start_from_best()
            )
        }),
        None => {
            note(format_args!(
                "{} is of an earlier version and does not say what data and configuration it was begun with: make sure that they are the same",
                last.display()
            ));
            Ok(())
        }
    }
}
