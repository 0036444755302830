#!/usr/bin/env bash
# Cargo's runner: the firmware in QEMU, its defmt log decoded on standard output. An instruction takes
# 128 ns (-icount), so that a program can count them by its timer.
# BOARD is QEMU's name of the board. The exit code is the firmware's own, or 124 after a minute.
set -uo pipefail
elf=$1
if ! { command -v qemu-system-arm && command -v defmt-print; } >/dev/null; then
  echo "qemu-system-arm or defmt-print is missing: run \`cargo xtask firmware\`, which installs both" >&2
  exit 1
fi
timeout 60 qemu-system-arm -machine "${BOARD:-mps2-an386}" -icount shift=7 -nographic -monitor none -serial none \
  -semihosting-config enable=on,target=native -kernel "$elf" </dev/null |
  defmt-print --log-format '{s}' -e "$elf"
codes=("${PIPESTATUS[@]}")
[ "${codes[0]}" != 0 ] && exit "${codes[0]}"
exit "${codes[1]}"
