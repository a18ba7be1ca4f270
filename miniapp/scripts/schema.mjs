// `node scripts/schema.mjs OPENAPI [TYPES]`: writes src/api/schema.d.ts (or TYPES) from the server's OpenAPI description: what is asked
// and what a success answers. Refusals all have the one shape `Problem`, so their responses are left out.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const [description, types = "src/api/schema.d.ts"] = process.argv.slice(2);
const api = JSON.parse(readFileSync(description, "utf8"));
for (const path of Object.values(api.paths)) {
  for (const operation of Object.values(path)) {
    operation.responses = Object.fromEntries(
      Object.entries(operation.responses).filter(([status]) => status.startsWith("2")),
    );
    for (const response of Object.values(operation.responses)) delete response.headers;
  }
}
const head = "// Written by `make app` from /openapi.json: do not edit.\n";
writeFileSync(types, head + astToString(await openapiTS(api, { defaultNonNullable: false })));
