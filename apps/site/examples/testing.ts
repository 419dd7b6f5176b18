import { layerLaws, lossLaws } from "@thalweg/testing";
import {
  huberLoss,
  Layer,
  LSTM,
  Module,
  mseLoss,
  ones,
  Parameter,
  type Tensor,
} from "thalweg";

{
  // #region a-layer
  class Scale extends Layer {
    factor = new Parameter(ones([3]));
    override forward(x: Tensor) {
      return x.mul(this.factor);
    }
  }

  const laws = layerLaws(() => new Scale(), [{ shape: [2, 3] }], {
    keys: ["factor"],
  });
  for (const law of laws) await law.run();
  laws
    .map((law) => law.name)
    .slice(0, 3)
    .join("; "); // → "Scale has stable keys; Scale can be rebuilt from its state; Scale moves to float64 and back"
  // #endregion a-layer
}

{
  // #region a-layer-2
  const sequence = { shape: [3, 2, 4], batchDim: 1 };
  const cell = { shape: [1, 2, 2], batchDim: 1 };
  const ofLSTM = layerLaws(() => new LSTM(4, 2), [sequence, cell, cell], {
    call: (lstm, x, h, c) => lstm.forward(x, [h, c]),
    numRuns: 1,
  });
  for (const law of ofLSTM) await law.run();
  // #endregion a-layer-2
}

{
  // #region a-loss
  const ofHuber = lossLaws(
    huberLoss,
    [{ shape: [4, 3] }, { shape: [4, 3] }],
    { options: { delta: 0.5 } },
  );
  for (const law of ofHuber) await law.run();
  ofHuber.length; // → 8
  // #endregion a-loss
}

{
  // #region a-loss-2
  class Quartic extends Module {
    constructor(
      readonly options: { reduction?: "mean" | "sum" | "none" } = {},
    ) {
      super();
    }
    override forward(x: Tensor, y: Tensor) {
      return mseLoss(x.square(), y.square(), this.options);
    }
  }

  const ofQuartic = lossLaws(
    (
      x: Tensor,
      y: Tensor,
      options: { reduction?: "mean" | "sum" | "none" },
    ) => new Quartic(options).forward(x, y),
    [{ shape: [4] }, { shape: [4] }],
    { name: "mseLoss" },
  );
  for (const law of ofQuartic) await law.run();
  // #endregion a-loss-2
}
