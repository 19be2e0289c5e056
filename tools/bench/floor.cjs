// The engine's own floor: writes the stacks of a synthesis again, with cdktf and the provider's classes in JavaScript.
//
//   node tools/bench/floor.cjs PROVIDER OUTDIR INTO
//
// PROVIDER is the folder of @cdktf/provider-aws, OUTDIR what a synthesis wrote, INTO where to write. Every resource, data source,
// output and asset of OUTDIR is made again from its JSON, so the work is the same, less Python, jsii and our own code. What
// comes out is compared with what went in by tools/bench/floor.py.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { App, LocalBackend, TerraformAsset, TerraformOutput, TerraformStack } = require("cdktf");

const [provider, outdir, into] = process.argv.slice(2).map((argument) => path.resolve(argument));
const MAPS = new Set(["tags", "variables"]); // their keys are values

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** The constructor's argument for a block as Terraform reads it. */
function config(value, name) {
  if (name === "depends_on") return value.map((fqn) => ({ fqn }));
  if (MAPS.has(name) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => config(item));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, item]) => [camel(key), config(item, key)]),
  );
}

const classes = new Map();

/** The class of a resource type, from the one submodule that has it. */
function classOf(type, prefix = "") {
  const key = prefix + type;
  if (!classes.has(key)) {
    const folder = key.replace("aws_", prefix ? "aws_" : "").replaceAll("_", "-");
    const found = Object.values(require(path.join(provider, "lib", folder)));
    classes.set(key, found.find((item) => item.tfResourceType === type));
  }
  return classes.get(key);
}

function write(app, id, document) {
  const stack = new TerraformStack(app, id);
  stack.addOverride("terraform.required_version", document.terraform.required_version);
  const { AwsProvider } = require(path.join(provider, "lib", "provider"));
  for (const block of document.provider.aws) new AwsProvider(stack, "aws", config(block));
  new LocalBackend(stack, document.terraform.backend.local);
  for (const [kind, prefix] of [["data", "data_"], ["resource", ""]]) {
    for (const [type, instances] of Object.entries(document[kind] ?? {})) {
      const Class = classOf(type, prefix);
      for (const [name, body] of Object.entries(instances)) new Class(stack, name, config(body));
    }
  }
  for (const body of Object.values(document.resource.aws_lambda_function ?? {})) {
    const [, name, assetHash] = body.filename.split("/");
    const file = path.join(outdir, "stacks", id, body.filename);
    new TerraformAsset(stack, name, { path: file, assetHash });
  }
  for (const [name, body] of Object.entries(document.output ?? {})) new TerraformOutput(stack, name, body);
}

const app = new App({ outdir: into });
for (const id of fs.readdirSync(path.join(outdir, "stacks"))) {
  write(app, id, JSON.parse(fs.readFileSync(path.join(outdir, "stacks", id, "cdk.tf.json"), "utf8")));
}
app.synth();
