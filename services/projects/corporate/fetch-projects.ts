import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import { saveData } from "../data/save.ts";
import type { DataResult, DataSaved } from "../data/schema.ts";
import type { PeopleDeps, ProjectsDeps } from "../deps.ts";

/** The source that corporate projects have: what a batch save with this name brings is known by the same ids. */
export const corporateSource = "ace";

/**
 * Reads the projects that a corporate credential gives access to, and saves each page as soon as it was read whole.
 *
 * @throws StoaError `not_configured`, `invalid_credentials`, `directory_unavailable`
 */
export async function fetchProjects(
  { corporate, ...deps }: PeopleDeps & Pick<ProjectsDeps, "corporate">,
  actor: Actor,
  credential: string,
): Promise<DataSaved> {
  if (!corporate) throw new StoaError("not_configured");
  const results: DataResult[] = [];
  const totals = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  for await (const projects of corporate.pages(credential)) {
    if (projects.length === 0) continue;
    const saved = await saveData(deps, actor, { source: corporateSource, projects: [...projects] });
    results.push(...saved.results);
    for (const { outcome } of saved.results) totals[outcome]++;
  }
  return { results, totals };
}
