// Runs a module of tests/simd in Node; the exit code tells whether all is well.
import { readFileSync, writeSync } from "node:fs";

let line = [];
function print(byte) {
  line.push(byte);
  if (byte === 10) {
    writeSync(1, Buffer.from(line));
    line = [];
  }
}
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const { check } = new WebAssembly.Instance(module, { host: { print } }).exports;
process.exitCode = check() ? 0 : 1;
