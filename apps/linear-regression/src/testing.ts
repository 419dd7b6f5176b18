import { runApp as run } from "@thalweg/terminal/testing";
import { app } from "./app";

/** Runs the program in this process. */
export const runApp = (...args: string[]) => run(app, ...args);

/** The data set that comes with the demo. */
export const cars = new URL("../data/cars.csv", import.meta.url).pathname;
