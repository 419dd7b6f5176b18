import { init } from "../../src/index";
import { train } from "./scenario";

/** Trains by the scenario of the argument; rank 0 prints what it has at the end. */
const { parameters } = train(await init(), JSON.parse(process.argv[2]!));
if ((await init()).rank === 0) console.log(JSON.stringify(parameters.map((values) => [...values])));
