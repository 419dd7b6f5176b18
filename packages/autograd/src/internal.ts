/** Exports that the library's own packages share. They are not for programs, and may change in any version. */
import "./engine";

export { anomaly } from "./anomaly";
export { joined } from "./joined";
export { mode } from "./mode";
export { isSpent } from "./node";
export { walk } from "./walk";
