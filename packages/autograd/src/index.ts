import "./engine";

export { detectAnomaly } from "./anomaly";
export { checkpoint, type TensorTree } from "./checkpoint";
export { defineFunction, type FunctionDefinition } from "./define-function";
export { toDot, toMermaid } from "./draw";
export { type FunctionalOptions, hessian, hvp, jacobian, jvp, type TensorFunction, vjp } from "./functional";
export { type GradOptions, grad, type NullIfUnused, valueAndGrad } from "./grad";
export { type Graph, type GraphArrow, type GraphBox, toGraph } from "./graph";
export { enableGrad, isGradEnabled, noGrad } from "./mode";
