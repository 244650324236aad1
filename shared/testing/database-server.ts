import { newId } from "@stoa/db";
import { eventually } from "./eventually.ts";
import { type SqldServer, startSqld } from "./servers/sqld.ts";

/** Whether the databases of tests are at an sqld instead of in files: `bun run test:sqld`. */
export const databasesAtServer = process.env["TEST_DATABASES"] === "sqld";

/** One for all tests of the process; it ends with it. */
let server: Promise<SqldServer> | undefined;

/** Creates an empty database at the server. */
export async function serverDatabase(): Promise<{ readonly url: string; remove(): Promise<void> }> {
  server ??= startSqld({ durable: false });
  const { port, admin } = await server;
  const name = `t${newId().replaceAll("-", "")}`;
  const ask = async (method: string, path: string, ...also: number[]) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${admin}/v1/namespaces/${name}${path}`, { method, headers, body: "{}" });
    const text = await answer.text();
    if (answer.ok || also.includes(answer.status)) return true;
    throw new Error(`sqld answered ${answer.status} to ${method} ${path}: ${text}`);
  };
  await ask("POST", "/create");
  return {
    url: `http://${name}.localhost:${port}`,
    async remove() {
      // A request that a test did not wait for makes a file while sqld empties the folder, which is a 500: ask again.
      await eventually(() => ask("DELETE", "", 404), { what: "the end of a database" });
    },
  };
}
