export { compile } from "thalweg";
