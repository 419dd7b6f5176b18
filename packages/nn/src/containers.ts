import { type Tensor, ThalwegError } from "@thalweg/tensor";
import { activatedLinear, scoped } from "@thalweg/tensor/internal";
import { Linear } from "./layers/linear";
import { Layer, Module } from "./module";

/**
 * Layers one after another; parameters are named by position, "0.weight".
 *
 * @example
 * const model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
 * model.forward(tensor([[1, 2]])).shape; // → [1,1]
 */
export class Sequential extends Layer {
  /** Number of layers. */
  readonly length: number;

  constructor(...layers: readonly Layer[]) {
    super();
    this.length = layers.length;
    Object.assign(this, layers);
  }

  /** The layer at a position, which may be counted from the end. */
  at(index: number): Layer | undefined {
    return [...this].at(index);
  }

  *[Symbol.iterator](): Generator<Layer> {
    for (const [, child] of this.namedChildren()) yield child as Layer;
  }

  override forward(x: Tensor): Tensor {
    const layers = [...this];
    // What passes between layers that keep nothing, nobody else sees.
    if (layers.every((layer) => layer.isTransparent)) return scoped(() => runTogether(layers, x));
    return layers.reduce((y, layer) => layer.forward(y), x);
  }

  override get isTransparent(): boolean {
    return super.isTransparent && [...this].every((layer) => layer.isTransparent);
  }

  protected override get transparentAs(): unknown {
    return Sequential;
  }
}

/** Runs layers one after another, an activation with the layer before it where that can be. */
function runTogether(layers: readonly Layer[], x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i]!;
    const activation = layers[i + 1]?.elementwise ?? null;
    if (layer instanceof Linear && activation !== null) {
      layer.check(y);
      y = activatedLinear(activation, y, layer.weight, layer.bias);
      i++;
    } else y = layer.forward(y);
  }
  return y;
}

/** A list of modules, to be used as the owner sees fit. */
export class ModuleList<M extends Module = Module> extends Module {
  constructor(modules: Iterable<M> = []) {
    super();
    Object.assign(this, [...modules]);
  }

  get length(): number {
    return [...this].length;
  }

  /** The module at a position, which may be counted from the end. */
  at(index: number): M | undefined {
    return [...this].at(index);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    Object.assign(this, { [this.length]: module });
    return this;
  }

  *[Symbol.iterator](): Generator<M> {
    for (const [, child] of this.namedChildren()) yield child as M;
  }

  override forward(): never {
    throw new ThalwegError(
      "ModuleList",
      "a list of modules computes nothing",
      "call its modules, or use Sequential",
    );
  }
}

/** Gives back its input. */
export class Identity extends Layer {
  override forward(x: Tensor): Tensor {
    return x;
  }

  protected override get transparentAs(): unknown {
    return Identity;
  }
}
