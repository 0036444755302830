//! What is promised of each board.

use anyhow::{Result, ensure};

use super::prepare::Prepare;
use super::row::Row;

/// Most instructions per multiply-accumulate of a pair, and of a probe among 20, by board and model.
const INSTRUCTIONS: [(&str, &str, f64, Option<f64>); 5] = [
    ("microbit", "omniglot-tiny", 5.0, None),
    ("mps2-an385", "omniglot-small", 2.6, None),
    ("mps2-an386", "omniglot-small", 1.5, Some(1.0)),
    ("mps2-an500", "omniglot-small", 1.5, Some(1.0)),
    ("mps3-an547", "omniglot-small", 0.45, None),
];

/// Most bytes of memory for a pair with the tiny model.
const TINY_PAIR: u64 = 2048;
/// Most bytes of memory for a probe among 20 with the small model, the enrolled included.
const SMALL_20WAY: u64 = 128 * 1024;
/// Most bytes of code with the tiny model on the board that compares pairs alone, and with the small
/// model on any.
const TINY_CODE: u64 = 24 * 1024;
const SMALL_CODE: u64 = 40 * 1024;
/// Most bytes of stack, whatever is compared.
const STACK: u32 = 9216;

/// Most instructions to prepare a frame of 160x120 pixels: 3 % above what was measured, and on a Cortex-M4F less
/// than a tenth of a pair of the small model.
const PREPARE: [(&str, u64); 5] = [
    ("microbit", 3_604_000),
    ("mps2-an385", 2_280_000),
    ("mps2-an386", 2_257_000),
    ("mps2-an500", 2_257_000),
    ("mps3-an547", 2_061_000),
];
/// Most bytes of stack to prepare it.
const PREPARE_STACK: u32 = 6144;

/// Holds what was measured against its limits.
///
/// # Errors
///
/// The first that is not kept, with the measured figure.
pub fn check(row: &Row) -> Result<()> {
    let Row { board, model, stack, .. } = *row;
    for (_, _, pair, twenty) in INSTRUCTIONS.iter().filter(|l| (l.0, l.1) == (board, model)) {
        let measured = row.insns_per_mac_pair();
        ensure!(
            measured <= *pair,
            "{board}, {model}: {measured:.3} instructions per MAC of a pair, allowed are {pair}"
        );
        if let (Some(measured), Some(most)) = (row.insns_per_mac_20way(), twenty) {
            ensure!(
                measured <= *most,
                "{board}, {model}: {measured:.3} instructions per MAC of 20 ways, allowed are {most}"
            );
        }
    }
    let ram = match model {
        "omniglot-tiny" => ("a pair", Some(row.ram_pair), TINY_PAIR),
        _ => ("20 ways", row.ram_20way, SMALL_20WAY),
    };
    if let (what, Some(bytes), most) = ram {
        ensure!(bytes <= most, "{board}, {model}: {bytes} bytes of RAM for {what}, allowed {most}");
    }
    let most = if row.ram_20way.is_none() { TINY_CODE } else { SMALL_CODE };
    let code = row.flash_code;
    ensure!(code <= most, "{board}, {model}: {code} bytes of code, allowed are {most}");
    ensure!(stack > 0, "{board}, {model}: no stack was measured");
    ensure!(stack <= STACK, "{board}, {model}: {stack} bytes of stack, allowed are {STACK}");
    check_prepare(board, row.prepare)
}

fn check_prepare(board: &str, Prepare { insns, stack, .. }: Prepare) -> Result<()> {
    for (_, most) in PREPARE.iter().filter(|limit| limit.0 == board) {
        ensure!(insns <= *most, "{board}: {insns} instructions to prepare, allowed are {most}");
    }
    ensure!(stack > 0, "{board}: no stack was measured to prepare");
    ensure!(
        stack <= PREPARE_STACK,
        "{board}: {stack} bytes of stack to prepare, allowed are {PREPARE_STACK}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_held_against_its_figure() {
        let kept = Row {
            board: "mps2-an386",
            model: "omniglot-small",
            insns_pair: 150,
            insns_20way: Some(100),
            macs_pair: 100,
            macs_20way: Some(100),
            ram_pair: 1,
            ram_20way: Some(SMALL_20WAY),
            stack: STACK,
            flash_code: 1,
            flash_model: 1,
            prepare: Prepare { insns: 2_257_000, stack: PREPARE_STACK, code: 1 },
        };
        let prepare = kept.prepare;
        check(&kept).expect("every figure at its limit");
        let broken = [
            (Row { insns_pair: 151, ..kept.clone() }, "1.510 instructions"),
            (Row { insns_20way: Some(101), ..kept.clone() }, "1.010 instructions"),
            (Row { ram_20way: Some(SMALL_20WAY + 1), ..kept.clone() }, "131073 bytes of RAM"),
            (Row { flash_code: SMALL_CODE + 1, ..kept.clone() }, "40961 bytes of code"),
            (
                Row { flash_code: TINY_CODE + 1, ram_20way: None, ..kept.clone() },
                "24577 bytes of code",
            ),
            (Row { stack: 0, ..kept.clone() }, "no stack"),
            (Row { stack: STACK + 1, ..kept.clone() }, "9217 bytes of stack"),
            (
                Row { model: "omniglot-tiny", ram_pair: TINY_PAIR + 1, ..kept.clone() },
                "2049 bytes of RAM",
            ),
            (
                Row { prepare: Prepare { insns: prepare.insns + 1, ..prepare }, ..kept.clone() },
                "2257001 instructions to prepare",
            ),
            (
                Row { prepare: Prepare { stack: 0, ..prepare }, ..kept.clone() },
                "no stack was measured to prepare",
            ),
            (
                Row { prepare: Prepare { stack: PREPARE_STACK + 1, ..prepare }, ..kept.clone() },
                "6145 bytes of stack to prepare",
            ),
        ];
        for (row, message) in broken {
            let error = check(&row).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
