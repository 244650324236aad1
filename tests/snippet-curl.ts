/**
 * What the snippets of the documentation use of curl, so that the tests need no program besides: `-s`, `-N`, `-X`, `-H`,
 * `-d` and an address. It prints the answer, and appends method, path and status to the file `CURL_LOG`.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    "no-buffer": { type: "boolean", short: "N" },
    request: { type: "string", short: "X" },
    header: { type: "string", short: "H", multiple: true, default: [] },
    data: { type: "string", short: "d" },
  },
});
const [address = ""] = positionals;
const method = values.request ?? (values.data === undefined ? "GET" : "POST");
const headers = new Headers(values.header.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
const answer = await fetch(address, { method, headers, ...(values.data !== undefined && { body: values.data }) });
const note = (what: string) => appendFileSync(process.env["CURL_LOG"] ?? "", `${what}\n`);
note(`${method} ${new URL(address).pathname} ${answer.status}`);
for await (const bytes of answer.body ?? []) process.stdout.write(bytes);
if (values["no-buffer"]) note(`${new URL(address).pathname} ended`);
