import { useBlas } from "@thalweg/blas";
import {
  getThreads,
  Linear,
  memoryStats,
  noGrad,
  pointwise,
  profile,
  randn,
  ready,
  setThreads,
  type Tensor,
} from "thalweg";

await ready();

{
  // #region profile
  const layer = new Linear(512, 512);
  const x = randn([256, 512]);
  const step = () => layer.forward(x).relu().mean().backward();
  step();
  const seen = profile(step);
  seen.ops.map(({ name }) => name).includes("linear"); // → true
  seen.kernels.find(({ name }) => name === "matmul")!.calls; // → 2
  // #endregion profile

  // #region trace
  const trace = JSON.stringify(seen.trace());
  trace.startsWith('{"traceEvents"'); // → true
  // #endregion trace
}

{
  // #region threads
  const most = getThreads();
  setThreads(1); // → 1
  setThreads(most) === most; // → true
  // #endregion threads
}

{
  // #region blas
  // Where there is no library, WebAssembly goes on computing.
  const blas = await useBlas().catch(() => null);
  const x = randn([256, 512]);
  const { kernels } = profile(() => x.matmul(x.transpose(0, 1)));
  kernels[0]!.tiers.includes("blas") === (blas !== null); // → true
  // #endregion blas
  blas?.close();
}

{
  // #region pointwise
  const fused = pointwise("gatedTanh", (a, b) =>
    a.tanh().mul(b.sigmoid()),
  );
  const apart = (a: Tensor, b: Tensor) => a.tanh().mul(b.sigmoid());
  const [a, b] = [randn([1000]), randn([1000])];
  profile(() => apart(a, b)).kernels.reduce(
    (sum, { calls }) => sum + calls,
    0,
  ); // → 3
  profile(() => fused(a, b)).kernels.reduce(
    (sum, { calls }) => sum + calls,
    0,
  ); // → 1
  fused(a, b).eq(apart(a, b)).all().item(); // → 1
  // #endregion pointwise
}

{
  const model = new Linear(4, 1);
  const x = randn([8, 4]);
  // #region inference
  const predictions = noGrad(() => model.forward(x));
  predictions.requiresGrad; // → false
  // #endregion inference
  memoryStats().heapTensors >= 0; // → true
}
