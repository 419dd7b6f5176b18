import { Tensor } from "@thalweg/tensor";

/** A tensor that a module learns: it requires grad, and assigning it to a module registers it. */
export class Parameter extends Tensor {
  /**
   * @param data shares its storage; its history is left behind
   * @param requiresGrad false for a parameter that is kept but not trained
   */
  constructor(data: Tensor, requiresGrad = true) {
    super(data.storage, data.layout);
    this.requiresGrad = requiresGrad;
  }
}
