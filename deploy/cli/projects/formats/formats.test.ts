import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { validatorOf } from "@stoa/http/validator";
import { DataSave } from "@stoa/projects/data/schema";
import { temporaryDirectory } from "@stoa/testing";
import { openFile } from "../open-file.ts";
import { csvRows, delimiterIn } from "./csv.ts";
import { columnsOf, readMap } from "./csv-map.ts";
import { type FileItem, lists, type Unreadable } from "./item.ts";
import { isTrello } from "./trello.ts";
import { isVikunja } from "./vikunja.ts";

const fixture = (name: string) => join(import.meta.dir, "../fixtures", name);

/** Everything in a file, as a payload, which is as the server takes it; and what cannot be read. */
async function payloadOf(path: string, map = {}) {
  const file = await openFile(path, map);
  const found: (FileItem | Unreadable)[] = await Array.fromAsync(file.items());
  const items = found.filter((one): one is FileItem => !("reason" in one));
  const payload = Object.fromEntries(
    lists.map((list) => [list, items.filter((one) => one.list === list).map(({ item }) => item)]),
  );
  const faults = validatorOf(DataSave, {}).validate(structuredClone({ source: "s", ...payload }));
  const places = Object.fromEntries(items.map(({ at, item, list }) => [`${list} ${JSON.stringify(item)}`, at]));
  const unreadable = found.filter((one): one is Unreadable => "reason" in one);
  return { payload, faults, unreadable, places, lost: Object.fromEntries(file.lost), format: file.format };
}

/** A file with this content. */
async function payloadIn(name: string, content: string, map = {}) {
  await using folder = await temporaryDirectory("import");
  const path = join(folder.path, name);
  await Bun.write(path, content);
  return await payloadOf(path, map);
}

const task = (external_id: string, more: object) => expect.objectContaining({ external_id, ...more });

test("a board of Trello becomes a project, users, tasks and assignees; the rest is counted", async () => {
  const { payload, faults, lost, format } = await payloadOf(fixture("trello.json"));
  expect([format, faults]).toEqual(["a board of Trello", []]);
  const board = "65f0c0ffee0000000000b0a1";
  const id = (end: string) => `65f0c0ffee0000000000${end}`;
  expect(payload["projects"]).toEqual([
    {
      external_id: board,
      name: "Harbour festival",
      description: "Everything for the weekend of the **boats**.",
      members: ["a001", "a002"].map((user) => ({ user: id(user), role: "developer" })),
    },
  ]);
  expect(payload["users"]).toEqual([
    { external_id: id("a001"), username: "grace" },
    { external_id: id("a002"), username: "someone_else" },
  ]);
  expect(payload["tasks"]).toEqual([
    task(id("c001"), {
      project: board,
      title: "Rent the stage",
      description: 'Ask "Nordlicht" first,\nthen the town.',
      status: "pending",
      labels: ["water", "red"],
      due_at: "2026-12-04T11:00:00.000Z",
    }),
    task(id("c002"), { title: "Print the posters 🎏", description: null, status: "completed", labels: [] }),
    task(id("c003"), { status: "pending", labels: ["Ideas from the fishermen"], due_at: null }),
  ]);
  expect(payload["assignees"]).toEqual(
    ["a001", "a002"].map((user) => ({ external_id: `${id("c001")} ${id(user)}`, task: id("c001"), user: id(user) })),
  );
  expect(lost).toEqual({
    "archived cards": 2,
    attachments: 2,
    comments: 1,
    "items of checklists": 2,
    "values of custom fields": 1,
    votes: 1,
  });
});

test("an export of Vikunja becomes projects, users, tasks with their parents, assignees and links; the rest is counted", async () => {
  const { payload, faults, lost, format } = await payloadOf(fixture("vikunja.json"));
  expect([format, faults]).toEqual(["an export of Vikunja", []]);
  expect(payload["projects"]).toEqual([
    {
      external_id: "3",
      name: "Allotment",
      description: "<p>Plot 14</p>",
      key: "PLOT",
      members: [{ user: "7", role: "developer" }],
    },
    { external_id: "4", name: "Seeds", description: null },
  ]);
  expect(payload["users"]).toEqual([{ external_id: "7", username: "grace" }]);
  expect(payload["tasks"]).toEqual([
    task("41", {
      project: "3",
      priority: "urgent",
      labels: ["spring"],
      parent: null,
      due_at: "2026-12-01T08:00:00+01:00",
    }),
    task("42", { status: "completed", priority: "medium", parent: "41", due_at: null, description: null }),
    task("50", { project: "4", priority: "low", status: "pending" }),
  ]);
  expect(payload["assignees"]).toEqual([{ external_id: "41 7", task: "41", user: "7" }]);
  expect(payload["links"]).toEqual([
    { external_id: "41 relates_to 50", type: "relates_to", task: "41", linked_task: "50" },
    { external_id: "41 blocks 42", type: "blocks", task: "41", linked_task: "42" },
  ]);
  expect(lost).toMatchObject({
    comments: 2,
    attachments: 1,
    reminders: 1,
    repetitions: 1,
    "end dates": 1,
    // One to a task that is not in the file, and one of a kind that there is not here.
    "relations between tasks": 2,
    buckets: 2,
    "places of projects below others": 1,
    "that projects are archived": 1,
  });
});

describe("a CSV file", () => {
  test("with a map becomes tasks, their projects, users and assignees; a row without an id is named by its line", async () => {
    const map = readMap(await Bun.file(fixture("tracker.map.json")).text());
    const { payload, unreadable, places } = await payloadOf(fixture("tracker.csv"), map);
    expect(payload["projects"]).toEqual([
      { external_id: "Nets", name: "Nets", members: ["grace", "linus"].map((user) => ({ user, role: "developer" })) },
      { external_id: "Everything else", name: "Everything else" },
    ]);
    expect(payload["users"]).toEqual([
      { external_id: "grace", username: "grace" },
      { external_id: "linus", username: "linus" },
    ]);
    const tasks = payload["tasks"] as object[];
    expect(tasks).toEqual([
      task("AB-1", {
        project: "Nets",
        title: 'Mend the "big" net',
        status: "in_progress",
        priority: "urgent",
        parent: null,
        labels: ["sea", "salt"],
        due_at: "2026-12-24T00:00:00Z",
        estimate_minutes: 90,
        description: "Two\r\nlines",
      }),
      // What is no number stands as it is, for the server to refuse.
      task("AB-2", { status: "pending", priority: null, parent: "AB-1", labels: [], estimate_minutes: "soon" }),
      task("AB-3", { status: "completed", priority: "medium", project: "Everything else", description: "a ; b" }),
    ]);
    expect(payload["assignees"]).toHaveLength(3);
    expect(unreadable).toEqual([{ at: "line 6", reason: "It has no external_id." }]);
    expect(places[`tasks ${JSON.stringify(tasks[2])}`]).toBe("line 7");
  });

  test("needs no map when its columns are called as the fields; assignees may be e-mail addresses", async () => {
    const { payload, faults } = await payloadIn(
      "plain.csv",
      "External ID,Title,Assignees,Other\n1,One,a@example.com|b@example.com,x\n",
      { assignees_by: "email", separator: "|" },
    );
    expect(faults).toEqual([]);
    expect(payload["tasks"]).toEqual([{ external_id: "1", title: "One" }]);
    expect(payload["users"]).toEqual(
      ["a@example.com", "b@example.com"].map((email) => ({ external_id: email, email })),
    );
  });

  test("takes a part of a list within quotes as it stands, as an export writes what has a comma in it", async () => {
    const labels = ['"a, ""b""", c,, "d" e , "f"', '","'].map((cell) => `"${cell.replaceAll('"', '""')}"`);
    const text = `external_id,title,labels\n1,One,${labels[0]}\n2,Two,${labels[1]}\n`;
    const { payload } = await payloadIn("quoted.csv", text);
    expect(payload["tasks"]).toMatchObject([{ labels: ['a, "b"', "c", '"d" e', "f"] }, { labels: [","] }]);
  });

  test.each([
    ["a,b", ","],
    ["a;b;c,d", ";"],
    ["a\tb", "\t"],
    ["a", ","],
  ])("with the first line %j has the delimiter %j", (line, delimiter) => {
    expect(delimiterIn(line)).toBe(delimiter);
  });

  test("is the same in whatever chunks it is read", async () => {
    const text = '\uFEFFa,"b\n""c""",\r\n"",,x"y\n\n"q"\r\n"last ""one"""';
    const rows = (size: number) =>
      Array.fromAsync(
        csvRows(
          (async function* () {
            for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
          })(),
          ",",
        ),
      );
    const whole = await rows(1_000);
    expect(whole).toEqual([
      { line: 1, cells: ["a", 'b\n"c"', ""] },
      { line: 3, cells: ["", "", 'x"y'] },
      { line: 5, cells: ["q"] },
      { line: 6, cells: ['last "one"'] },
    ]);
    for (const size of [1, 2, 3, 7]) expect(await rows(size)).toEqual(whole);
  });

  test("with a quote that has no end, or without the columns of a task, says so", async () => {
    await expect(payloadIn("a.csv", 'external_id,title\n1,"One\n')).rejects.toThrow("line 2: a quoted cell has no end");
    await expect(payloadIn("a.csv", "id,title\n1,One\n")).rejects.toThrow("No column is the external_id");
    expect(() => columnsOf(["external_id", "Name"], { columns: { external_id: "external_id" } })).toThrow("the title");
  });

  test.each([
    ['{"columns": {"A": "nothing"}}', "/columns/A"],
    ['{"colums": {}}', "/colums"],
    ['{"defaults": {"name": "x"}}', "a default for name"],
    ["[]", "not right"],
  ])("with the map %s says what is wrong", (text, message) => {
    expect(() => readMap(text)).toThrow(message);
  });
});

describe("JSON", () => {
  test("lines are items with their kind; others are named by their line", async () => {
    const { payload, unreadable, faults } = await payloadIn(
      "a.jsonl",
      [
        '\uFEFF{"kind":"project","external_id":"p","name":"P"}',
        '{"kind":"task","external_id":"t","title":"T"}',
        "",
        "{",
        "7",
        '{"kind":"sprint","external_id":"s"}',
        '{"kind":"task","title":"T"}',
        '{"kind":"user","external_id":"u","username":"ada"}',
        '{"kind":"assignee","external_id":"a","task":"t","user":"u"}',
        '{"kind":"link","external_id":"l","type":"blocks","task":"t","linked_task":"t"}',
        '{"kind":"deleted","external_id":"old"}',
      ].join("\n"),
    );
    expect(faults).toEqual([]);
    expect(Object.entries(payload).map(([list, items]) => [list, items.length])).toEqual([
      ["users", 1],
      ["projects", 1],
      ["tasks", 1],
      ["assignees", 1],
      ["links", 1],
      ["deleted", 1],
    ]);
    expect(unreadable.map(({ at, reason }) => `${at}: ${reason}`)).toEqual([
      "line 4: This is not JSON.",
      "line 5: This is not an object.",
      "line 6: Its kind is none of user, project, task, assignee, link, deleted.",
      "line 7: It has no external_id.",
    ]);
  });

  test("may be a payload of any size", async () => {
    const tasks = Array.from({ length: 3_000 }, (_, i) => ({ external_id: `${i}`, title: "T" }));
    const { payload, places } = await payloadIn("a.json", JSON.stringify({ source: "s", tasks, deleted: ["x", 7] }));
    expect(payload["tasks"]).toHaveLength(3_000);
    expect(places[`tasks ${JSON.stringify(tasks[12])}`]).toBe("tasks[12]");
  });

  test.each([
    ["a.json", "{}", "neither a payload"],
    ["a.json", "[]", "neither a payload"],
    ["a.json", '{"tasks": 7}', "neither a payload"],
    ["a.json", "{", "not JSON"],
    ["a.xml", "<a/>", ".json, .jsonl or .csv"],
  ])("%s with %s is refused", async (name, content, message) => {
    await expect(payloadIn(name, content)).rejects.toThrow(message);
  });

  test("of something else is not taken for Trello's or Vikunja's", () => {
    for (const data of [null, 7, {}, { id: "1", name: "N" }, [{ id: "x", title: "T" }]]) {
      expect([isTrello(data), isVikunja(data)]).toEqual([false, false]);
    }
  });
});
