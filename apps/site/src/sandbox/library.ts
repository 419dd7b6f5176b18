// What a program in the sandbox imports. It is a file of its own, so that programs can name its address.
export * from "thalweg";
export { sandbox } from "./observer";
