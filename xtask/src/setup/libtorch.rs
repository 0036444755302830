//! libtorch for the trainer, without CUDA, from the Python wheel of PyTorch.
//!
//! Layout below `.deps`, which `.cargo/config.toml` points `LIBTORCH` at:
//!
//! ```text
//! libtorch/build-version      checked by the build of torch-sys
//! libtorch/include/ lib/
//! nvidia/cu13/lib/            where the run path of libtorch_cpu.so looks for CUDA's runtime
//! ```

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use super::report::report;
use super::wheel::Pin;
use crate::paths;

/// The version that the `tch` of our Cargo.toml is made for.
pub const VERSION: &str = "2.11.0";

/// For Linux on x86-64 and aarch64, macOS on aarch64, Windows on x86-64.
const TORCH: Pin = Pin {
    name: "torch",
    version: VERSION,
    sha256: &[
        "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
        "d91aac77f24082809d2c5a93f52a5f085032740a1ebc9252a7b052ef5a4fddc6",
        "7b6a60d48062809f58595509c524b88e6ddec3ebe25833d6462eeab81e5f2ce4",
        "73e24aaf8f36ab90d95cd1761208b2eb70841c2a9ca1a3f9061b39fc5331b708",
    ],
    size: "530 MB",
};

/// Linux wheels are built for CUDA: even their `libtorch_cpu.so` links these two libraries.
/// The wheels are those for x86-64 and aarch64.
const CUDA_WHEELS: [(Pin, &str); 2] = [
    (
        Pin {
            name: "nvidia-cuda-runtime",
            version: "13.0.96",
            sha256: &[
                "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
                "ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55",
            ],
            size: "3 MB",
        },
        "nvidia/cu13/lib/libcudart.so.13",
    ),
    (
        Pin {
            name: "nvidia-cuda-cupti",
            version: "13.0.85",
            sha256: &[
                "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
                "796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151",
            ],
            size: "11 MB",
        },
        "nvidia/cu13/lib/libcupti.so.13",
    ),
];

/// Makes sure that the trainer can be built.
pub fn ensure() -> Result<()> {
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        report("libtorch", "that of the Python on the PATH (LIBTORCH_USE_PYTORCH is set)");
        return Ok(());
    }
    let ours = paths::deps().join("libtorch");
    if let Some(theirs) = env::var_os("LIBTORCH").map(PathBuf::from).filter(|path| *path != ours) {
        if !theirs.join("lib").is_dir() {
            bail!("LIBTORCH={} has no lib folder: correct or unset it", theirs.display());
        }
        report("libtorch", format_args!("yours, {}", theirs.display()));
        return Ok(());
    }
    if is_complete(&ours) {
        report("libtorch", format_args!("{VERSION} is there"));
        return Ok(());
    }
    install(&paths::deps()).with_context(|| {
        format!("installing libtorch {VERSION} failed; try again, or set LIBTORCH to a libtorch {VERSION} of your own")
    })
}

/// `build-version` is written last.
fn is_complete(libtorch: &Path) -> bool {
    fs::read_to_string(libtorch.join("build-version"))
        .is_ok_and(|version| version.trim() == VERSION)
}

fn install(deps: &Path) -> Result<()> {
    let torch = TORCH.fetch()?;
    report("libtorch", format_args!("unpacking {}", torch.path.display()));
    let fresh = paths::scratch(deps)?;
    let with_cuda = torch.has("torch/lib/libtorch_cuda.so");

    torch.unpack(fresh.path(), |name| is_wanted(name, with_cuda))?;
    let libtorch = fresh.path().join("torch");
    if with_cuda {
        for (pin, library) in CUDA_WHEELS {
            pin.fetch()?.unpack(fresh.path(), |name| name == library)?;
        }
        // The wheel's libtorch.so only pulls in its siblings, CUDA's among them.
        fs::write(libtorch.join("lib/libtorch.so"), "INPUT(-ltorch_cpu)\n")?;
        replace(&fresh.path().join("nvidia"), &deps.join("nvidia"))?;
    }
    fs::write(libtorch.join("build-version"), format!("{VERSION}\n"))?;
    replace(&libtorch, &deps.join("libtorch"))?;
    report("libtorch", format_args!("{VERSION} lies in {}", deps.join("libtorch").display()));
    Ok(())
}

/// Headers, and the libraries of the CPU.
fn is_wanted(name: &str, with_cuda: bool) -> bool {
    if let Some(library) = name.strip_prefix("torch/lib/") {
        let foreign = ["/", "cuda", "nvrtc", "nvshmem", "python"];
        let is_foreign = foreign.iter().any(|part| library.contains(part));
        let is_rewritten = with_cuda && library == "libtorch.so";
        return !is_foreign && !is_rewritten;
    }
    name.starts_with("torch/include/")
}

fn replace(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    fs::rename(from, to).with_context(|| format!("moving {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::is_wanted;

    #[test]
    fn takes_headers_and_cpu_libraries_alone() {
        assert!(is_wanted("torch/include/torch/csrc/api/include/torch/torch.h", true));
        assert!(is_wanted("torch/lib/libtorch_cpu.so", true));
        assert!(is_wanted("torch/lib/libgomp.so.1", true));
        assert!(is_wanted("torch/lib/libtorch.dylib", false));
        for name in ["libtorch_cuda.so", "libtorch_python.so", "libtorch.so", "libshm/err.h"] {
            assert!(!is_wanted(&format!("torch/lib/{name}"), true), "{name}");
        }
        assert!(!is_wanted("torch/nn/modules/rnn.py", true));
    }
}
