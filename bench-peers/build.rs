//! Passes the run path of libtorch, found by `arc-trainer`, to the program.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(argument) = std::env::var("DEP_ARC_TRAINER_LINK_ARG") {
        println!("cargo::rustc-link-arg={argument}");
    }
}
