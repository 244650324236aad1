import { StoaError } from "@stoa/errors";
import { boundedText, jsonIn } from "@stoa/http/bounded-text";
import type { DataProject } from "../data/schema.ts";
import { readPage } from "./page.ts";

/** Where the list is, and how much of it is read. */
export interface CorporateOptions {
  /** `ACE_PROJECTS_URL`. */
  readonly url: string;
  /** Milliseconds for one page, its body too; 10,000 unless given. */
  readonly page_ms?: number;
  /** Milliseconds for all pages; 60,000 unless given. */
  readonly total_ms?: number;
  /** Bytes of one page; 4 MiB unless given. */
  readonly most_bytes?: number;
  /** How many pages are read; 100 unless given. */
  readonly most_pages?: number;
  /** How many projects are read; 10,000 unless given. */
  readonly most_items?: number;
}

/** The corporate list of projects. */
export interface CorporateProjects {
  /**
   * The projects, page by page, each of which was read whole.
   *
   * @param credential goes to the list, and into no error
   * @throws StoaError `invalid_credentials` when the list refuses the credential; `directory_unavailable` for everything
   *   else that is not as agreed
   */
  pages(credential: string): AsyncGenerator<readonly DataProject[]>;
}

/**
 * The client of the corporate list: `GET` with the credential as bearer, answered by JSON `{items, next}`. Redirects are not
 * followed, and `next` only on the same origin: the credential goes where it was configured to go.
 */
export function corporateProjects(options: CorporateOptions): CorporateProjects {
  const { url, page_ms = 10_000, total_ms = 60_000, most_bytes = 4 * 1024 * 1024 } = options;
  const { most_pages = 100, most_items = 10_000 } = options;
  return {
    async *pages(credential) {
      const end = AbortSignal.timeout(total_ms);
      const seen = new Set<string>();
      let items = 0;
      for (let next: string | null = url; next !== null; ) {
        if (seen.size >= most_pages) throw broken(seen.size, `has more than ${most_pages} pages`);
        if (seen.has(next)) throw broken(seen.size, "leads back to a page before");
        seen.add(next);
        const signal = AbortSignal.any([end, AbortSignal.timeout(page_ms)]);
        const page = readPage(jsonIn(await ask(next, credential, seen.size, { signal, most_bytes })));
        if (!page) throw broken(seen.size, "is not {items, next} as agreed");
        items += page.projects.length;
        if (items > most_items) throw broken(seen.size, `brings more than ${most_items} projects`);
        yield page.projects;
        next = page.next === null ? null : sameOrigin(page.next, next, seen.size);
      }
    },
  };
}

interface Bounds {
  readonly signal: AbortSignal;
  readonly most_bytes: number;
}

async function ask(url: string, credential: string, page: number, { signal, most_bytes }: Bounds): Promise<string> {
  const headers = { authorization: `Bearer ${credential}`, accept: "application/json" };
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal });
    if (response.status === 200) return await boundedText(response, most_bytes);
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403) throw refused();
    throw broken(page, `was answered with ${response.status}`);
  } catch (error) {
    if (error instanceof StoaError) throw error;
    throw broken(page, signal.aborted ? "took too long" : "could not be read", error);
  }
}

/** @throws StoaError `directory_unavailable` for an address elsewhere, or none */
function sameOrigin(next: string, base: string, page: number): string {
  const url = URL.parse(next, base);
  if (url && url.origin === new URL(base).origin && !url.username && !url.password) return url.href;
  throw broken(page, "names a next page that is elsewhere");
}

function refused(): StoaError {
  return new StoaError("invalid_credentials", { detail: "The corporate list of projects refuses this credential." });
}

function broken(page: number, what: string, cause?: unknown): StoaError {
  const before = page > 1 ? " What the pages before it brought is saved." : "";
  const detail = `Page ${page} of the corporate list of projects ${what}; nothing of it is saved.${before}`;
  return new StoaError("directory_unavailable", { detail, ...(cause !== undefined && { cause }) });
}
