import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DataSaved } from "@stoa/projects/data/schema";
import { startTeam } from "@stoa/projects/test/team";
import { temporaryDirectory } from "@stoa/testing";
import { readMap } from "../deploy/cli/projects/formats/csv-map.ts";
import { openFile } from "../deploy/cli/projects/open-file.ts";

const guide = readFileSync(new URL("../docs/import.md", import.meta.url), "utf8");

/** The one snippet of the guide with this name. */
function snippet(name: string): string {
  const found = new RegExp(`\`\`\`${name}\\n([^]*?)\\n *\`\`\``).exec(guide)?.[1];
  if (found === undefined) throw new Error(`The guide has no snippet ${name}.`);
  return found.replaceAll(/^ {2}/gm, "");
}

async function itemsIn(name: string, content: string, map = {}) {
  await using folder = await temporaryDirectory("guide");
  const path = join(folder.path, name);
  await Bun.write(path, content);
  return await Array.fromAsync((await openFile(path, map)).items());
}

test("the guide's request is saved whole", async () => {
  const team = await startTeam();
  const body = JSON.parse(snippet("json payload"));
  const saved = await team.ask<DataSaved>("POST", "/data/save", { as: team.ada, body });
  expect([saved.status, saved.body.totals]).toEqual([200, { created: 7, updated: 0, unchanged: 0, failed: 0 }]);
  await team.close();
});

test("the guide's files are read as it says", async () => {
  const lines = await itemsIn("tracker.jsonl", snippet("json lines"));
  expect(lines.map((one) => ("list" in one ? one.list : one.reason))).toEqual(["projects", "tasks", "deleted"]);
  const rows = await itemsIn("tracker.csv", snippet("csv tracker"), readMap(snippet("json map")));
  expect(rows).toMatchObject([
    { list: "tasks", item: { external_id: "AB-1", status: "in_progress", labels: ["sea", "salt"] } },
    { list: "users", item: { external_id: "grace", username: "grace" } },
    { list: "assignees", item: { task: "AB-1", user: "grace" } },
    { list: "tasks", item: { external_id: "AB-2", status: "pending", due_at: null } },
    { list: "projects", item: { name: "Nets", members: [{ user: "grace", role: "developer" }] } },
  ]);
});
