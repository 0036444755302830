// Runs a module of tests/simd in Node; the exit code tells whether all is well.
import { readFileSync, writeSync } from "node:fs";

// The least speed-up by the vector kernels; measured are 2.2 and 2.7.
const SPEED_UP = 1.5;

let line = [];
function print(byte) {
  line.push(byte);
  if (byte === 10) {
    writeSync(1, Buffer.from(line));
    line = [];
  }
}
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const { check, compare } = new WebAssembly.Instance(module, { host: { print } }).exports;

function time(model, vector, times) {
  const start = performance.now();
  const logit = compare(model, vector, times);
  return { elapsed: performance.now() - start, logit };
}

/// How many times as fast the vector kernels compare a pair; both take turns, and the median counts.
function speedUp(model, name, times) {
  time(model, false, times); // and the engine has optimized the code
  time(model, true, times);
  const ratios = [];
  for (let round = 0; round < 9; round++) {
    const [scalar, vector] = [time(model, false, times), time(model, true, times)];
    if (scalar.logit !== vector.logit) throw new Error(`${name}: the scores differ`);
    ratios.push(scalar.elapsed / vector.elapsed);
  }
  const median = ratios.sort((a, b) => a - b)[4];
  console.log(`${name}: simd128 compares a pair ${median.toFixed(2)} times as fast as scalar code`);
  return median;
}

const same = check();
const fast = [speedUp(0, "omniglot-tiny", 100), speedUp(1, "omniglot-small", 10)];
process.exitCode = same && fast.every((ratio) => ratio >= SPEED_UP) ? 0 : 1;
