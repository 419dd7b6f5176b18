/**
 * `pnpm --filter @thalweg/ulp measure [step] [name ...]`: the largest error of each function of one argument
 * over every `step`-th float32 (1: all of them, an hour or so; by default 4099, which is a prime), and of
 * those of two over as many random pairs.
 */
import { tensor } from "@thalweg/tensor";
import { functions, type Measured } from "./functions";
import { ulpError } from "./ulp";

const chunk = 2 ** 20;
const step = Number(process.argv[2] ?? 4099);
const names = process.argv.slice(3);

/** Half of them any bits at all, half of moderate size, where the results of powers are finite. */
function randomFloats(): Float32Array {
  const x = new Float32Array(chunk);
  const bits = new Uint32Array(x.buffer);
  for (let i = 0; i < chunk; i++) {
    bits[i] = Math.random() * 2 ** 32;
    if (i % 2 === 0) x[i] = Math.exp(8 * Math.random() - 4) * Math.sign(Math.random() - 0.25);
  }
  return x;
}

function* arguments_({ arity }: Measured): Generator<Float32Array[]> {
  for (let first = 0; first < 2 ** 32; first += chunk * step) {
    if (arity === 2) {
      yield [randomFloats(), randomFloats()];
      continue;
    }
    const bits = Uint32Array.from({ length: chunk }, (_, i) => Math.min(first + i * step, 2 ** 32 - 1));
    yield [new Float32Array(bits.buffer)];
  }
}

for (const measured of functions) {
  if (names.length > 0 && !names.includes(measured.name)) continue;
  let worst = 0.5;
  let where: number[] = [];
  let wrong = 0;
  let count = 0;
  for (const inputs of arguments_(measured)) {
    const got = measured.compute(...inputs.map((x) => tensor(x))).dataSync();
    const exact = measured.reference(inputs);
    for (let i = 0; i < chunk; i++) {
      const error = ulpError(got[i]!, exact[i]!);
      if (error > 0) wrong++;
      if (error > worst) {
        worst = error;
        where = inputs.map((x) => x[i]!);
      }
    }
    count += chunk;
  }
  const share = ((100 * wrong) / count).toFixed(2);
  console.log(`| ${measured.name} | ${worst.toFixed(3)} | ${where.join(", ")} | ${share} % |`);
}
