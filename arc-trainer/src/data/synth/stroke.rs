//! A pen stroke, described by how the pen turns on its way.

use std::f32::consts::TAU;

use glam::Vec2;
use rand::Rng;

use super::noise::normal;

/// Distance between two traced points, in units of a character's height.
const STEP: f32 = 0.02;

/// Pieces of constant curvature, with corners between them. This covers bars, arcs, hooks, loops,
/// waves and angles alike, and people vary in just these numbers when they write.
#[derive(Clone, Debug)]
pub struct Stroke {
    /// Direction in which the pen sets out, in radians; 0 is right, a quarter turn is down.
    pub heading: f32,
    /// In the order in which they are drawn.
    pub pieces: Vec<Piece>,
}

/// Part of a stroke: a corner, then a line or an arc.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Sudden turn before the piece, in radians.
    pub corner: f32,
    /// Turn spread over the piece, in radians.
    pub turn: f32,
    /// In units of a character's height.
    pub length: f32,
}

impl Stroke {
    /// The pen's path from the origin, as evenly spaced points.
    pub fn trace(&self) -> Vec<Vec2> {
        let (mut heading, mut at) = (self.heading, Vec2::ZERO);
        let mut path = vec![at];
        for piece in &self.pieces {
            heading += piece.corner;
            let steps = (piece.length / STEP).max(1.0).round();
            for _ in 0..steps as usize {
                // Half of a step's turn before it and half after keep an arc on its circle.
                heading += piece.turn / steps / 2.0;
                at += Vec2::from_angle(heading) * (piece.length / steps);
                heading += piece.turn / steps / 2.0;
                path.push(at);
            }
        }
        path
    }

    /// The same stroke by an unsteady hand; `amount` is the typical relative error.
    pub fn varied(&self, amount: f32, rng: &mut impl Rng) -> Self {
        let pieces = self.pieces.iter().map(|piece| Piece {
            corner: piece.corner + amount * 0.8 * normal(rng),
            turn: piece.turn * (1.0 + amount * normal(rng)) + amount * normal(rng),
            length: piece.length * (1.0 + amount * 1.2 * normal(rng)).max(0.3),
        });
        Self { pieces: pieces.collect(), heading: self.heading + amount * 0.8 * normal(rng) }
    }

    /// Mirrored at the vertical, then turned by `quarters` quarter turns.
    pub fn posed(&self, mirror: bool, quarters: u8) -> Self {
        let sign = if mirror { -1.0 } else { 1.0 };
        let heading = if mirror { TAU / 2.0 - self.heading } else { self.heading };
        let pieces = self.pieces.iter().map(|piece| Piece {
            corner: sign * piece.corner,
            turn: sign * piece.turn,
            length: piece.length,
        });
        Self { pieces: pieces.collect(), heading: heading + f32::from(quarters) * TAU / 4.0 }
    }

    /// Scaled about its start.
    pub fn scaled(mut self, factor: f32) -> Self {
        for piece in &mut self.pieces {
            piece.length *= factor;
        }
        self
    }
}
