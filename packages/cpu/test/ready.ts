import { ready } from "../src";

// A file of tests may end before the code has arrived, and the next one in its process would be without.
await ready();
