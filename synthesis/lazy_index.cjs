// Preloaded into jsii's Node.js by synthesis/jsii.py: the provider's index loads a submodule when it is first asked for.
// The index as published requires all of its 2,100 submodules, 2 seconds of every synthesis. Each
//   exports.vpc = require("./vpc");
// (in the bindings for cdktn: __importStar(require("./vpc")), a copy that jsii has no use for)
// is compiled as a getter instead. Where nothing matches, the index loads as published: slower, and just as right.
"use strict";
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const INDEX = path.join("node_modules", "@cdktf", "provider-aws", "lib", "index.js");
const EXPORT = /^exports\.(\w+) = (?:__importStar\()?require\(("[^"]+")\)\)?;$/gm;
const GETTER = 'Object.defineProperty(exports, "$1", { enumerable: true, configurable: true, get: () => require($2) });';

const load = Module._extensions[".js"];
Module._extensions[".js"] = (module, filename) => {
  if (process.env.EAGER_BINDINGS === "1" || !filename.endsWith(path.sep + INDEX)) return load(module, filename);
  module._compile(readFileSync(filename, "utf8").replace(EXPORT, GETTER), filename);
};
