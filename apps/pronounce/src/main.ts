import { runInTerminal } from "@thalweg/terminal";
import { app } from "./app";

await runInTerminal(app);
