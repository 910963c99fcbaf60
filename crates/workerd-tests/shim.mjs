// What a Worker's module has to export, made of what wasm-bindgen exports.

import wasm from "./index_bg.wasm";
import * as worker from "./index.js";

worker.initSync({ module: wasm });

const { fetch, scheduled } = worker;

export default { fetch, scheduled };
