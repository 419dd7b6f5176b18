import { ready } from "thalweg";

await ready();
