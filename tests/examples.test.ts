import { expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";

const root = join(import.meta.dir, "..");

/** What the examples use of other files without importing it: shared/, resources of the services, and some values. */
const names = `
import { expect } from "bun:test";
import { deriveKey, memoryRevocations, type Actor } from "@stoa/auth";
import type { EventSource } from "@stoa/bus/types";
import { breathe, columnsOfSubselect, composeOnce, computed, DatabaseError, type Database, field, jsonOf, parseJson, pickColumns, prepare,
  select, type Sql, sql } from "@stoa/db";
import { fold, spaced } from "@stoa/db/search/fold";
import { hitsIn } from "@stoa/db/search/hits";
import { StoaError } from "@stoa/errors";
import { type AnswerSettings, controller, created, createService, idempotent, Nullable, operation, Patch, pagePlan,
  readPage, Text, Time } from "@stoa/http";
import { documentation } from "@stoa/http/docs/index";
import { sessions } from "@stoa/identity/sessions/table";
import { caseless, emailKey } from "@stoa/mail/address-key";
import { type Claim, command, type NewEvent, type Part, unclaimed } from "@stoa/journal";
import { conversations } from "@stoa/messaging/conversations/table";
import { leaveConversation, removeParticipant } from "@stoa/messaging/participants/remove";
import { access } from "@stoa/projects/access";
import { createApp, type ProjectsDeps } from "@stoa/projects/app";
import { members } from "@stoa/projects/members/table";
import { liveProject } from "@stoa/projects/projects/read";
import { projectRoutes } from "@stoa/projects/projects/routes";
import { projects } from "@stoa/projects/projects/table";
import { createTask } from "@stoa/projects/tasks/create";
import { readTask } from "@stoa/projects/tasks/read";
import { taskRoutes } from "@stoa/projects/tasks/routes";
import { selectTask, shapeTask, taskColumns } from "@stoa/projects/tasks/row";
import { NewTask, Task, TaskParams, type TasksQuery } from "@stoa/projects/tasks/schema";
import { tasks } from "@stoa/projects/tasks/table";
import { httpDeps } from "@stoa/testing/http-deps";
import { holdPort, intercepted, meanwhile, send, startProcess, temporaryDatabase, type TestKeys } from "@stoa/testing";
import { eq, placeholder } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/sqlite-core";

declare const db: Database;
declare const deps: ProjectsDeps;
declare const actor: Actor;
declare const owner: Actor;
declare const user: Actor;
declare const now: () => Date;
declare const id: string;
declare const user_id: string;
declare const since: string;
declare const time: string;
declare const token: string;
declare const version: string;
declare const away: boolean;
declare const config: { readonly SECRET_KEY: string };
declare const set: AnswerSettings;
declare const query: TasksQuery;
declare const input: NewTask;
declare const task: Task;
declare const mine: Sql;
declare const change: Part;
declare const event: NewEvent<"task.updated">;
declare const cursor_key: Uint8Array;
declare const keys: TestKeys;
declare const verify: ProjectsDeps["http"]["verify"];
declare const app: ReturnType<typeof createApp>;
declare const source: EventSource;
declare const signal: AbortSignal;
declare const batches: readonly string[];
declare const effectsOf: (batch: string) => readonly Sql[];
`;

/** The `@example` blocks of shared/, each as a function, and imports of what they use of their own file. */
async function examples() {
  const found: string[] = [];
  const imports = new Set<string>();
  for await (const path of new Bun.Glob("shared/**/*.ts").scan({ cwd: root })) {
    const text = await Bun.file(join(root, path)).text();
    const exported = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(
      ([, name = ""]) => name,
    );
    for (const [, block = ""] of text.matchAll(/^ \* @example\b(.*?)(?=^ \* @|^ \*\/)/gms)) {
      const code = block.replaceAll(/^ \* ?/gm, "").replaceAll(/^export /gm, "");
      for (const name of exported.filter((one) => isIn(code, one) && !isIn(names, one)))
        imports.add(`import { ${name} } from ${JSON.stringify(join(root, path))};`);
      found.push(`// ${path}\nexport async function example${found.length}() {\n${code}}\n`);
    }
  }
  return { found, imports: [...imports] };
}

const isIn = (text: string, name: string) => new RegExp(`\\b${name}\\b`).test(text);

test("every @example compiles", async () => {
  const { found, imports } = await examples();
  expect(found.length).toBeGreaterThan(20);
  await using folder = await temporaryDirectory("examples");
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
  writeFileSync(join(folder.path, "examples.ts"), [names, ...imports, ...found].join("\n"));
  writeFileSync(
    join(folder.path, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["examples.ts", join(root, "shared/**/*.d.ts")] }),
  );
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const child = Bun.spawn([process.execPath, compiler, "-p", "."], { cwd: folder.path, stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toBe("");
  expect(await child.exited).toBe(0);
}, 60_000);
