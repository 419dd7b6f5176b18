import { grounds } from "../../terrain/grounds";

/** The part of the plane of w and b that is shown. Both sides have the same length, so that right angles are right. */
export const { region } = grounds.line;
