import { runApp as run } from "@thalweg/terminal/testing";
import { app } from "./app";

/** Runs the program in this process. */
export const runApp = (...args: string[]) => run(app, ...args);
