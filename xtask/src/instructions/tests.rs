use std::fmt;

use anyhow::Result;

use super::row::{Row, rows};
use super::{callgrind, limits, same_results};

const PRINTED: &str = "omniglot-tiny avx2 gaze 336 -1708\nomniglot-tiny scalar gaze 336 -1708\n";

fn error<T: fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("something is wrong").to_string()
}

#[test]
fn every_line_has_its_count() {
    let rows = rows(PRINTED, &[700, 1300]).unwrap();
    assert_eq!(rows[1].instructions, 1300);
    assert_eq!((rows[1].kernels.as_str(), rows[1].macs, rows[1].result), ("scalar", 336, -1708));
    assert!(error(super::row::rows(PRINTED, &[700])).contains("1 counts of 2 stages"));
    assert!(error(super::row::rows("", &[])).contains("0 stages"));
    assert!(error(super::row::rows("anything else", &[1])).contains("something else"));
}

#[test]
fn kernels_that_differ_are_named() {
    let mut rows = rows(PRINTED, &[700, 1300]).unwrap();
    same_results(&rows).unwrap();
    rows[1].result += 1;
    assert_eq!(error(same_results(&rows)), "omniglot-tiny, gaze: avx2 and scalar differ");
}

#[test]
fn a_stage_is_held_against_its_limit() {
    let rows = rows(PRINTED, &[1, 1]).unwrap();
    limits::check("x86-64", &rows).unwrap();
    let slower = Row { instructions: 1_000_000, ..rows[0].clone() };
    assert!(error(limits::check("x86-64", &[slower])).contains("gaze takes 1000000 instructions"));
    let other = Row { stage: "another".to_owned(), ..rows[0].clone() };
    assert!(error(limits::check("x86-64", &[other])).contains("no limit for another"));
}

#[test]
fn parts_that_were_dumped_at_a_mark_are_counted() {
    let dump = "version: 1\npart: 1\ndesc: Trigger: --dump-before=count_end\nsummary: 5\ntotals: 5\n\
                \npart: 2\ndesc: Trigger: Program termination\ntotals: 7\n\
                \npart: 3\ndesc: Trigger: --dump-before=count_end\ntotals: 9\n";
    assert_eq!(callgrind::counts(dump), [5, 9]);
}
