export { Identity, ModuleList, Sequential } from "./containers";
export * as init from "./init";
export * from "./layers/activation";
export { Dropout } from "./layers/dropout";
export { Flatten } from "./layers/flatten";
export { Linear } from "./layers/linear";
export { Layer, type LoadReport, Module, type StateDict, snakeCase } from "./module";
export { Parameter } from "./parameter";
