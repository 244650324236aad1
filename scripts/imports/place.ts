/** Where a file stands in the layout (architecture §2). */
export interface Place {
  /** `shared`, `services`, `deploy`, `tests`, `scripts`, `bench` … */
  readonly area: string;
  /** `shared/db`, `services/projects`; null outside of packages. */
  readonly package: string | null;
  /** The folder of a service that holds a resource; null elsewhere. */
  readonly slice: string | null;
  readonly file: string;
  readonly test: boolean;
  /** Runs in Workers too: no Bun, no Node, no environment. */
  readonly portable: boolean;
  /** `edge.ts` and what such roots share: portable, and may import `cloudflare:`. */
  readonly edge: boolean;
}

const portablePackages = ["errors", "events", "auth", "http", "db", "journal", "edge"].map((name) => `shared/${name}`);

/** Files of the bus that services name in tables and handlers, and of the configuration that Workers read too. */
const portableFiles = [
  ...["types", "table", "triggers", "read-your-writes", "pause"].map((name) => `shared/bus/${name}.ts`),
  ...["settle", "config-error", "variable", "variables", "kinds"].map((name) => `shared/config/${name}.ts`),
];

/**
 * Files in portable folders that only Bun's roots import; `start.ts` and what is named `…-bun.ts` are such too.
 * They stand beside what they belong to; `index.ts` never exports them.
 */
const bunFiles = ["shared/db/file-lock.ts", "shared/db/migrations/read.ts", "shared/http/pino.ts"];

/** The place of a file, by its path from the root. */
export function placeOf(path: string): Place {
  const parts = path.split("/");
  const [area = "", name = ""] = parts;
  const inPackage = (area === "shared" || area === "services") && parts.length > 2;
  const file = parts.at(-1) ?? "";
  const folder = area === "services" && parts.length > 3 ? (parts[2] ?? null) : null;
  const test =
    file.endsWith(".test.ts") || folder === "test" || area === "tests" || (area === "shared" && parts[2] === "test");
  const root = area === "services" && parts.length === 3;
  const bun = bunFiles.includes(path) || file.endsWith("-bun.ts") || (root && ["main.ts", "start.ts"].includes(file));
  const portable = area === "services" || portablePackages.includes(`${area}/${name}`) || portableFiles.includes(path);
  return {
    area,
    package: inPackage ? `${area}/${name}` : null,
    slice: folder === "test" ? null : folder,
    file,
    test,
    portable: portable && !bun && !test,
    edge: (root && file === "edge.ts") || (area === "shared" && name === "edge"),
  };
}
