import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { importedFields } from "@stoa/projects/tasks/schema";
import { type Converted, type FileItem, Losses, membersOf } from "./item.ts";
import { statusCalled } from "./words.ts";

const Text = Type.String();
const maybe = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const many = (of: Parameters<typeof Type.Array>[0]) => maybe(Type.Array(of));

const Card = Type.Object({
  id: Text,
  name: Text,
  desc: maybe(Text),
  idList: Text,
  idMembers: maybe(Type.Array(Text)),
  labels: maybe(Type.Array(Type.Object({ name: maybe(Text), color: maybe(Text) }))),
  due: maybe(Text),
  start: maybe(Text),
  dueComplete: maybe(Type.Boolean()),
  closed: maybe(Type.Boolean()),
  badges: maybe(Type.Object({ attachments: maybe(Type.Number()), votes: maybe(Type.Number()) })),
  attachments: many(Type.Unknown()),
  customFieldItems: many(Type.Unknown()),
});
type Card = Static<typeof Card>;

/** What is read of a board that Trello exports as JSON; it holds much more. */
const Board = Type.Object({
  id: Text,
  name: Text,
  desc: maybe(Text),
  lists: Type.Array(Type.Object({ id: Text, name: Text, closed: maybe(Type.Boolean()) })),
  cards: Type.Array(Card),
  members: maybe(Type.Array(Type.Object({ id: Text, username: Text }))),
  checklists: maybe(Type.Array(Type.Object({ checkItems: many(Type.Unknown()) }))),
  actions: maybe(Type.Array(Type.Object({ type: maybe(Text) }))),
});
type Board = Static<typeof Board>;

/** Whether a file is a board that Trello has exported. */
export function isTrello(data: unknown): data is Board {
  return Value.Check(Board, data);
}

/**
 * A board becomes a project, its members developers of it, its cards tasks. A list whose name says a status gives its cards that
 * status; any other becomes a label of them. A card whose due date is done is completed.
 */
export function trelloItems(board: Board): Converted {
  const lost = new Losses();
  const listOf = new Map(board.lists.map((list) => [list.id, list]));
  const people = (board.members ?? []).map(({ id }) => id);
  const project = {
    external_id: board.id,
    name: board.name,
    description: board.desc || null,
    ...membersOf(people),
  };
  const items: FileItem[] = [{ at: "the board", list: "projects", item: project }];
  for (const [index, { id, username }] of (board.members ?? []).entries()) {
    items.push({ at: `members[${index}]`, list: "users", item: { external_id: id, username } });
  }
  for (const [index, card] of board.cards.entries()) {
    const list = listOf.get(card.idList);
    if (card.closed || list?.closed) lost.add("archived cards");
    else items.push(...cardItems(`cards[${index}]`, card, board.id, list?.name ?? ""));
    countLosses(card, lost);
  }
  for (const { checkItems } of board.checklists ?? []) lost.add("items of checklists", checkItems?.length ?? 0);
  lost.add("comments", (board.actions ?? []).filter(({ type }) => type === "commentCard").length);
  return { items, lost };
}

function cardItems(at: string, card: Card, project: string, list: string): FileItem[] {
  const said = statusCalled(list);
  const labels = (card.labels ?? []).map(({ name, color }) => name || color).filter((label) => label);
  const task = {
    external_id: card.id,
    project,
    title: card.name,
    description: card.desc || null,
    status: card.dueComplete ? ("completed" as const) : (said ?? "pending"),
    labels: [...labels, ...(said === undefined && list !== "" ? [list] : [])].map((label) =>
      String(label).slice(0, 50),
    ),
    due_at: card.due ?? null,
    ...("start_at" in importedFields && { start_at: card.start ?? null }),
  };
  return [
    { at, list: "tasks", item: task },
    ...(card.idMembers ?? []).map((user): FileItem => {
      return { at, list: "assignees", item: { external_id: `${card.id} ${user}`, task: card.id, user } };
    }),
  ];
}

function countLosses({ attachments, badges, customFieldItems, start }: Card, lost: Losses): void {
  lost.add("attachments", attachments?.length ?? badges?.attachments ?? 0);
  lost.add("votes", badges?.votes ?? 0);
  lost.add("values of custom fields", customFieldItems?.length ?? 0);
  if (start && !("start_at" in importedFields)) lost.add("start dates");
}
