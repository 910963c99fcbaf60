// What a Worker's module has to export, made of what wasm-bindgen exports.

import wasm from "./index_bg.wasm";
import { fetch, initSync } from "./index.js";

initSync({ module: wasm });

export default { fetch };
