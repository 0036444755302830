#!/usr/bin/env bash
# Bare-metal targets from Debian's packages, where `rustup target add` is not to be had:
# Debian's rustc and the sources of its library; core, alloc and compiler_builtins are built
# once per target, for Linux all of std, and put beside Debian's host library in a sysroot of their own.
#
#   debian-toolchain.sh DEST TARGET...
#
# Afterwards `RUSTC=DEST/bin/rustc cargo build --target TARGET` works, with no unstable flag.
set -euo pipefail
dest=$(realpath -m "$1"); shift
host=$(uname -m)-unknown-linux-gnu
packages=(rustc-web rust-web-src lld-22 rust-web-clippy)
sources=/usr/lib/rustlib/src/rust/library

if ! dpkg -s "${packages[@]}" >/dev/null 2>&1; then
  if [ "$(id -u)" != 0 ]; then
    echo "please run: sudo apt-get update && sudo apt-get install ${packages[*]}" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

version=$(/usr/bin/rustc -V)
[ "$(cat "$dest/version" 2>/dev/null)" = "$version" ] || rm -rf "$dest"

mkdir -p "$dest/bin" "$dest/lib/rustlib/$host/bin"
ln -sfn "/usr/lib/rustlib/$host/lib" "$dest/lib/rustlib/$host/lib"
ln -sfn /usr/lib/rustlib/src "$dest/lib/rustlib/src"
ln -sfn /usr/bin/lld-22 "$dest/lib/rustlib/$host/bin/rust-lld"
program() { printf '#!/bin/sh\nexec %s\n' "$2" >"$dest/bin/$1"; chmod +x "$dest/bin/$1"; }
program rustc "/usr/bin/rustc --sysroot $dest \"\$@\""
# To be RUSTC_WORKSPACE_WRAPPER of `cargo check`: its first argument is the rustc it stands for.
program clippy "/usr/bin/clippy-driver \"\$@\" --sysroot $dest --deny warnings"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
echo '#![no_std]' >"$work/src/lib.rs"
printf '[package]\nname = "stub"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
for target in "$@"; do
  library="$dest/lib/rustlib/$target/lib"
  [ -e "$library/complete" ] && continue
  case $target in
    *-linux-*) crates=std,panic_unwind,test ;;
    *) crates=core,alloc ;;
  esac
  echo "building $crates for $target" >&2
  # Without the bitcode, `lto = "fat"` fails with "Can't find section .llvmbc".
  (cd "$work"
   env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS=-Cembed-bitcode=yes CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
     RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
     cargo build --release --quiet -Zbuild-std=$crates --target "$target" \
     --config 'source.crates-io.replace-with="vendored"' \
     --config "source.vendored.directory=\"$sources/vendor\"")
  rm -rf "$library"
  mkdir -p "$library"
  rm -f "$work/target/$target"/release/deps/libstub-*
  cp "$work/target/$target"/release/deps/lib*.rlib "$library/"
  touch "$library/complete"
done
echo "$version" >"$dest/version"
