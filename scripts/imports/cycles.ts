import type { Import } from "./graph.ts";
import { placeOf } from "./place.ts";
import type { Violation } from "./rules.ts";

/** Finds cycles of files and cycles of packages. Tests do not count for packages: they may import shared/testing. */
export function cyclesOf(imports: readonly Import[]): Violation[] {
  const files = new Map<string, Set<string>>();
  const packages = new Map<string, Set<string>>();
  for (const { from, target } of imports) {
    if (target.kind !== "file") continue;
    connect(files, from, target.path);
    const [above, below] = [placeOf(from), placeOf(target.path)];
    if (above.test || above.package === null || below.package === null || above.package === below.package) continue;
    connect(packages, above.package, below.package);
  }
  return [...circles(files), ...circles(packages)].map((circle) => ({
    rule: "no-cycles",
    at: circle[0] ?? "",
    message: `is part of a cycle: ${circle.join(" → ")}`,
  }));
}

function connect(graph: Map<string, Set<string>>, from: string, to: string): void {
  const known = graph.get(from);
  if (known === undefined) graph.set(from, new Set([to]));
  else known.add(to);
}

/** One cycle for each edge back that a depth-first search finds. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[][] = [];
  const walk = (node: string) => {
    const start = path.indexOf(node);
    if (start >= 0) {
      found.push([...path.slice(start), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) walk(node);
  return found;
}
