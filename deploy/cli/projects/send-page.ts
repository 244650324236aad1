import type { DataResult, DataSave } from "@stoa/projects/data/schema";
import { type Client, Refusal } from "./client.ts";
import { externalIdOf, type FileItem, lists } from "./formats/item.ts";

/** What became of an item of a file. */
export interface ItemResult {
  readonly at: string;
  readonly item: FileItem;
  readonly outcome: DataResult["outcome"];
  readonly kept: readonly string[];
  /** Why it failed. */
  readonly reason?: string;
  /** The field that refers to nothing, when that is why. */
  readonly dangling?: string | undefined;
}

/**
 * Saves a page. Items with fields that the server does not take fail by themselves: the others are sent again without them.
 *
 * @throws Refusal when the server refuses more than items
 */
export async function sendPage(
  client: Client,
  about: Pick<DataSave, "source" | "dry_run" | "overwrite">,
  page: readonly FileItem[],
): Promise<ItemResult[]> {
  const refused: ItemResult[] = [];
  let open = page;
  while (open.length > 0) {
    const placed = lists.flatMap((list) => open.filter((one) => one.list === list));
    try {
      const { results } = await client.save({ ...about, ...payloadOf(placed) });
      return [...refused, ...placed.map((item, index) => resultOf(item, results[index]))];
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "validation_failed") throw error;
      const bad = new Map<FileItem, string>();
      for (const { path, message } of error.errors) {
        const [, list, index, ...field] = path.split("/");
        const item = placed.filter((one) => one.list === list)[Number(index)];
        if (!item) throw error;
        if (!bad.has(item)) bad.set(item, `validation_failed: ${field.join("/") || "external_id"}: ${message}`);
      }
      if (bad.size === 0) throw error;
      for (const [item, reason] of bad) refused.push({ at: item.at, item, outcome: "failed", kept: [], reason });
      open = open.filter((item) => !bad.has(item));
    }
  }
  return refused;
}

function payloadOf(items: readonly FileItem[]): Omit<DataSave, "source"> {
  return Object.fromEntries(
    lists.map((list) => [list, items.filter((one) => one.list === list).map(({ item }) => item)]),
  );
}

function resultOf(item: FileItem, result: DataResult | undefined): ItemResult {
  if (result?.external_id !== externalIdOf(item)) throw new Error("The server's answer is about other items.");
  const { outcome, kept = [], error } = result;
  const field = error?.errors?.[0]?.path.slice(1);
  const reason = error && `${error.error_code}: ${error.detail}`;
  const dangling = error?.error_code === "not_found" && field ? { dangling: field } : {};
  return { at: item.at, item, outcome, kept, ...(reason && { reason }), ...dangling };
}
