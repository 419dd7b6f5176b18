import { programs } from "../src/programs/index";

/** Violations of the Content-Security-Policy: `eval`, `wasm-eval`, `blob`. */
const blocked = new Set<string>();
addEventListener("securitypolicyviolation", ({ blockedURI }) => blocked.add(blockedURI));

const [name, ...values] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const program = programs[name as keyof typeof programs] as (...values: unknown[]) => unknown;
const result = await program(...values);

// The page writes the result itself, since a debugger's evaluation may do what the page must not.
const output = document.createElement("output");
output.textContent = JSON.stringify({ result, isolated: crossOriginIsolated, blocked: [...blocked] });
document.body.append(output);
