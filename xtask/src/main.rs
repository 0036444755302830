//! Project chores: `cargo xtask setup | demo | results | test | firmware | c | mcu-bench |
//! instructions | mutants | sanitize | simd | fuzz | deny | sbom | package | public-api |
//! bench-peers`.
//!
//! Every verb first installs what it lacks (see [`setup`]), so a fresh clone needs no preparation.

mod bench_peers;
mod c_interface;
mod demo;
mod firmware;
mod fuzz;
mod instructions;
mod mcu_bench;
mod mutants;
mod paths;
mod process;
mod public_api;
mod results;
mod sanitize;
mod setup;
mod simd_targets;
mod supply;
mod test;
mod trainer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Project chores")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what the project lacks: libtorch, bare-metal targets, QEMU, Node, defmt-print
    Setup,
    /// Train a small model, export it to integers and show what it can do
    Demo(demo::Options),
    /// Measure the models in models/ and write docs/results.md, its plot and the README's table
    Results(results::Options),
    /// Run every check of the project
    Test,
    /// Build the firmware, run it in QEMU and compare its output with the host's
    Firmware(firmware::Options),
    /// Count instructions, memory and code of the runtime on every board
    McuBench(mcu_bench::Options),
    /// Build the C interface and its examples, and compare what they compute with Rust's
    C,
    /// Count the instructions of every stage by this host's kernels and hold them against their limits
    Instructions,
    /// Change the runtime's code in small ways and see that its tests notice
    Mutants(mutants::Options),
    /// Run the tests of this machine's kernels under AddressSanitizer
    Sanitize,
    /// Hold the vector kernels of other machines against the scalar ones, in QEMU and in Node
    Simd,
    /// Run the fuzz targets, a minute each
    Fuzz(fuzz::Options),
    /// Hold the dependencies of every workspace to deny.toml: advisories, licenses, sources
    Deny,
    /// Write a bill of materials (CycloneDX) of every package to target/sbom
    Sbom,
    /// Package the crates that others build on, build what was packaged, and look for large files
    Package,
    /// Compare the runtime's public interface with its record, arc-runtime/PUBLIC-API.txt
    PublicApi(public_api::Options),
    /// Time the runtime beside ONNX Runtime, PyTorch and tract, all with the same network and weights
    BenchPeers(bench_peers::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Setup => setup::everything().map(drop),
        Verb::Demo(options) => demo::run(&options),
        Verb::Results(options) => results::run(&options),
        Verb::Test => test::run(),
        Verb::Firmware(options) => firmware::run(&options),
        Verb::McuBench(options) => mcu_bench::run(&options),
        Verb::C => c_interface::run(),
        Verb::Instructions => instructions::run(),
        Verb::Mutants(options) => mutants::run(&options),
        Verb::Sanitize => sanitize::run(),
        Verb::Simd => simd_targets::run(),
        Verb::Fuzz(options) => fuzz::run(&options),
        Verb::Deny => supply::deny::check(),
        Verb::Sbom => supply::sbom::write(),
        Verb::Package => supply::package::check(),
        Verb::PublicApi(options) => public_api::run(&options),
        Verb::BenchPeers(options) => bench_peers::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
