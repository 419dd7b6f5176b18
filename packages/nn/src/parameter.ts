import { Tensor } from "@thalweg/tensor";
import { boolean, checkArguments, optional, tensorKind } from "@thalweg/tensor/internal";

/** A tensor that a module learns: it requires grad, and assigning it to a module registers it. */
export class Parameter extends Tensor {
  /**
   * @param data shares its storage; its history is left behind
   * @param requiresGrad false for a parameter that is kept but not trained; true unless given
   */
  constructor(data: Tensor, requiresGrad = true) {
    checkArguments("Parameter", { data: tensorKind, requiresGrad: optional(boolean) }, [data, requiresGrad]);
    super(data.storage, data.layout);
    this.requiresGrad = requiresGrad;
  }

  /** True: tells parameters from other tensors, also for the compiler. */
  get isParameter(): true {
    return true;
  }
}
