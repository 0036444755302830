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

use super::report;
use super::wheel;
use crate::paths;

/// The version that the `tch` of our Cargo.toml is made for.
pub const VERSION: &str = "2.11.0";

/// Linux wheels are built for CUDA: even their `libtorch_cpu.so` links these two.
const CUDA_WHEELS: [(&str, &str); 2] = [
    ("nvidia-cuda-runtime==13.0.*", "nvidia/cu13/lib/libcudart.so.13"),
    ("nvidia-cuda-cupti==13.0.*", "nvidia/cu13/lib/libcupti.so.13"),
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
    let torch = wheel::fetch(&format!("torch=={VERSION}"), "530 MB")?;
    report("libtorch", format_args!("unpacking {}", torch.path.display()));
    let fresh = paths::scratch(deps)?;
    let with_cuda = torch.has("torch/lib/libtorch_cuda.so");

    torch.unpack(fresh.path(), |name| is_wanted(name, with_cuda))?;
    let libtorch = fresh.path().join("torch");
    if with_cuda {
        for (requirement, library) in CUDA_WHEELS {
            wheel::fetch(requirement, "a few MB")?.unpack(fresh.path(), |name| name == library)?;
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
