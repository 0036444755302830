//! What is measured of a board with a model, and how it is shown.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::prepare::Prepare;
use crate::firmware::Board;

/// Instructions per multiply-accumulate of CMSIS-NN's `arm_fully_connected_s8`, 144 to 128, by the
/// same counter.
const CMSIS_NN: [(Board, f64); 5] = [
    (Board::Microbit, 6.72),
    (Board::Mps2An385, 3.64),
    (Board::Mps2An386, 2.22),
    (Board::Mps2An500, 2.23),
    (Board::Mps3An547, 0.56),
];

/// One line. Instructions are executed instructions, neither cycles nor time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// QEMU's name.
    pub board: &'static str,
    /// The model file's name.
    pub model: &'static str,
    /// Instructions from two images to their score.
    pub insns_pair: u64,
    /// Instructions from a probe to its ranking among 20 enrolled images.
    pub insns_20way: Option<u64>,
    /// Multiply-accumulates of a pair.
    pub macs_pair: u64,
    /// Multiply-accumulates of a probe among 20.
    pub macs_20way: Option<u64>,
    /// Bytes of the comparator's memory for a pair.
    pub ram_pair: u64,
    /// Bytes of the comparator's memory and the gallery for a probe among 20.
    pub ram_20way: Option<u64>,
    /// Most bytes of stack that either takes.
    pub stack: u32,
    /// Bytes of flash but for the model.
    pub flash_code: u64,
    /// Bytes of the model file.
    pub flash_model: u64,
    /// What a camera's frame takes before, whatever the model.
    pub prepare: Prepare,
}

impl Row {
    /// Instructions per multiply-accumulate of a pair.
    pub fn insns_per_mac_pair(&self) -> f64 {
        self.insns_pair as f64 / self.macs_pair as f64
    }

    /// Instructions per multiply-accumulate of a probe among 20.
    pub fn insns_per_mac_20way(&self) -> Option<f64> {
        Some(self.insns_20way? as f64 / self.macs_20way? as f64)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 14)?;
        row.serialize_field("board", self.board)?;
        row.serialize_field("model", self.model)?;
        row.serialize_field("insns_pair", &self.insns_pair)?;
        row.serialize_field("insns_20way", &self.insns_20way)?;
        row.serialize_field("macs_pair", &self.macs_pair)?;
        row.serialize_field("macs_20way", &self.macs_20way)?;
        row.serialize_field("insns_per_mac_pair", &self.insns_per_mac_pair())?;
        row.serialize_field("insns_per_mac_20way", &self.insns_per_mac_20way())?;
        row.serialize_field("ram_pair", &self.ram_pair)?;
        row.serialize_field("ram_20way", &self.ram_20way)?;
        row.serialize_field("stack", &self.stack)?;
        row.serialize_field("flash_code", &self.flash_code)?;
        row.serialize_field("flash_model", &self.flash_model)?;
        row.serialize_field("prepare", &self.prepare)?;
        row.end()
    }
}

/// All rows, as a table.
pub struct Table<'a>(pub &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<11} {:<15}{:>12}{:>13}{:>9}{:>10}{:>10}{:>9}{:>10}{:>7}{:>8}{:>9}{:>11}{:>7}{:>7}",
            "board",
            "model",
            "insns pair",
            "insns 20way",
            "per MAC",
            "per MAC",
            "CMSIS-NN",
            "RAM pair",
            "RAM 20way",
            "stack",
            "code",
            "model",
            "prepare",
            "stack",
            "code"
        )?;
        let dash = |number: Option<u64>| number.map_or("-".into(), |number| number.to_string());
        for row in self.0 {
            let twenty = row.insns_per_mac_20way();
            let cmsis_nn = CMSIS_NN.iter().find(|(board, _)| board.name() == row.board);
            writeln!(
                f,
                "{:<11} {:<15}{:>12}{:>13}{:>9.2}{:>10}{:>10}{:>9}{:>10}{:>7}{:>8}{:>9}{:>11}{:>7}{:>7}",
                row.board,
                row.model,
                row.insns_pair,
                dash(row.insns_20way),
                row.insns_per_mac_pair(),
                twenty.map_or("-".into(), |number| format!("{number:.2}")),
                cmsis_nn.map_or("-".into(), |(_, number)| number.to_string()),
                row.ram_pair,
                dash(row.ram_20way),
                row.stack,
                row.flash_code,
                row.flash_model,
                row.prepare.insns,
                row.prepare.stack,
                row.prepare.code,
            )?;
        }
        f.write_str(
            "instructions per multiply-accumulate (MAC): of a pair, of a probe among 20, and of CMSIS-NN's \
             arm_fully_connected_s8 alone, 144 to 128; RAM, stack, code and model in bytes; \
             prepare: instructions, stack and code to prepare a frame of 160x120 pixels",
        )
    }
}
