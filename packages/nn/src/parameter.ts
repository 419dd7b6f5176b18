import { Tensor } from "@thalweg/tensor";
import { boolean, checkArguments, optional, tensorKind } from "@thalweg/tensor/internal";

/** A tensor that a module learns. It requires grad, and assigning it to a module registers it. */
export class Parameter extends Tensor {
  /**
   * @param data shares its storage; has no history
   * @param requiresGrad false for a parameter that is saved but not trained; true unless given
   */
  constructor(data: Tensor, requiresGrad = true) {
    checkArguments("Parameter", { data: tensorKind, requiresGrad: optional(boolean) }, [data, requiresGrad]);
    super(data.storage, data.layout);
    this.requiresGrad = requiresGrad;
  }

  /** True: distinguishes parameters from other tensors, for the compiler as well. */
  get isParameter(): true {
    return true;
  }
}
