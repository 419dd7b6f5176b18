import { expose } from "comlink";

const programs = import.meta.glob<{ program: object }>("../figures/*/program.ts");

// The worker has the name of its figure.
const { program } = await programs[`../figures/${self.name}/program.ts`]!();
expose(program);
// Whatever is sent before this moment would be lost.
postMessage("ready");
