//! The trainer's float reference, which the others are compared with.

use arc_trainer::float::Run;

use crate::Answer;
use crate::subject::{Question, Subject};

/// The reference's answer.
pub fn answer(subject: &'static Subject) -> Answer {
    Box::new(move || {
        let model = Run::load(&subject.folder.join("run"))?.model;
        let maps = |images: Vec<&[i8]>| images.into_iter().map(|i| model.extract(i)).collect();
        let (probes, supports): (Vec<_>, Vec<_>) =
            (maps(subject.probes()), maps(subject.supports()));
        Ok(match subject.question {
            Question::Pairs(_) => {
                let pairs = probes.iter().zip(&supports);
                let logit =
                    |(probe, support)| model.logit(probe, support).map_or(f64::NAN, f64::from);
                pairs.map(logit).collect()
            }
            Question::Identify(_) => {
                let supports: Vec<_> = supports.iter().collect();
                model.rate(&probes[0], &supports).iter().map(|rating| rating.score).collect()
            }
        })
    })
}
