import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type FileItem, lists, type Unreadable } from "./item.ts";

const Payload = Type.Partial(
  Type.Object(Object.fromEntries(lists.map((list) => [list, Type.Array(Type.Unknown())])), {
    additionalProperties: Type.Unknown(),
  }),
);

/** Whether a file is a payload of POST /data/save, of any size. */
export function isPayload(data: unknown): data is Static<typeof Payload> {
  return Value.Check(Payload, data) && lists.some((list) => Object.hasOwn(data as object, list));
}

/** The items of a payload of POST /data/save, of any size. */
export function payloadItems(data: Static<typeof Payload>): (FileItem | Unreadable)[] {
  return lists.flatMap((list) =>
    ((data as Record<string, unknown[]>)[list] ?? []).map((item, index) => itemIn(`${list}[${index}]`, list, item)),
  );
}

const kinds: Readonly<Record<string, (typeof lists)[number]>> = {
  user: "users",
  project: "projects",
  task: "tasks",
  assignee: "assignees",
  link: "links",
  deleted: "deleted",
};

/** The items of JSON lines: each is an item with its `kind`; of `deleted`, with its `external_id` alone. */
export async function* jsonLines(lines: AsyncIterable<string>): AsyncGenerator<FileItem | Unreadable> {
  let number = 0;
  for await (const text of lines) {
    const at = `line ${++number}`;
    if (text.trim() === "" || text === "\uFEFF") continue;
    yield lineItem(at, number === 1 ? text.replace(/^\uFEFF/, "") : text);
  }
}

function lineItem(at: string, text: string): FileItem | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { at, reason: "This is not JSON." };
  }
  if (typeof value !== "object" || value === null) return { at, reason: "This is not an object." };
  const { kind, ...item } = value as Record<string, unknown>;
  const list = kinds[String(kind)];
  if (list === undefined) return { at, reason: `Its kind is none of ${Object.keys(kinds).join(", ")}.` };
  return itemIn(at, list, list === "deleted" ? item["external_id"] : item);
}

/** An item whose id is a text; everything else of it the server judges. */
function itemIn(at: string, list: (typeof lists)[number], item: unknown): FileItem | Unreadable {
  const id: unknown = list === "deleted" ? item : (item as { external_id?: unknown } | null)?.external_id;
  if (typeof id !== "string" || id === "") return { at, reason: "It has no external_id." };
  return { at, list, item } as FileItem;
}
