import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { deflateRawSync } from "node:zlib";
import { readPixels } from "digits/digits";
import { pack } from "digits/packed";
import { imagesFile } from "./images-file";

// Not gzip: some servers would say so in a header, and the browser would undo it.
mkdirSync(dirname(imagesFile), { recursive: true });
writeFileSync(imagesFile, deflateRawSync(pack(readPixels()), { level: 9 }));
