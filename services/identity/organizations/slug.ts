import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

const LONGEST = 50;

/** A slug as it is kept: any case goes in, lower comes out. */
export function normalSlug(slug: string): string {
  return slug.toLowerCase();
}

/**
 * Slugs to try for a name: its letters and digits, then the same with random digits.
 *
 * @example
 * slugsFor("Café Zürich & Co.") // "cafe-zurich-co", "cafe-zurich-co-4821", …
 */
export function* slugsFor(name: string): Generator<string> {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST - 5);
  const base = words.replace(/^-+|-+$/g, "");
  if (base.length >= 2) yield base;
  for (let tries = 0; tries < 5; tries++) {
    const digits = 1_000 + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 9_000);
    yield `${base === "" ? "organization" : base}-${digits}`;
  }
}

/** The part of a command that no other organization has the slug. */
export function slugFree(slug: string, organization_id: string): Part {
  return {
    guard: sql`not exists (select 1 from organizations where slug = ${slug} and id <> ${organization_id})`,
    why: () => new StoaError("slug_taken"),
  };
}
