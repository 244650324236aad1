/** The place of a file in the layout of the repository. */
export interface Place {
  /** `shared`, `services`, `deploy`, `tests`, `scripts`, `bench` … */
  readonly area: string;
  /** The package: `shared/db`, `services/projects`; null outside packages. */
  readonly package: string | null;
  /** The folder of a service that holds a resource; null elsewhere. */
  readonly slice: string | null;
  readonly file: string;
  readonly test: boolean;
  /** Whether it must run on Workers too, without Bun, Node and environment variables. */
  readonly portable: boolean;
  /** Whether it is `edge.ts` or shared by such files: it is portable and may import `cloudflare:`. */
  readonly edge: boolean;
}

const portablePackages = ["errors", "events", "auth", "http", "db", "journal", "edge", "mail", "webhooks"].map(
  (name) => `shared/${name}`,
);

/** Files of the bus that services name in tables and handlers, and of the configuration that Workers read too. */
const portableFiles = [
  ...["types", "table", "triggers", "read-your-writes", "bell"].map((name) => `shared/bus/${name}.ts`),
  ...["settle", "config-error", "variable", "variables", "kinds", "older"].map((name) => `shared/config/${name}.ts`),
];

/**
 * Files in portable folders that may use Bun, because only processes on Bun import them. So may `start.ts`, `main.ts`
 * and files named `…-bun.ts`. They are beside the code that they belong to, and `index.ts` never exports them.
 */
const bunFiles = ["shared/db/file-lock.ts", "shared/db/migrations/read.ts"];

/** The place of a file, by its path from the root. */
export function placeOf(path: string): Place {
  const parts = path.split("/");
  const [area = "", name = ""] = parts;
  const inPackage = (area === "shared" || area === "services") && parts.length > 2;
  const file = parts.at(-1) ?? "";
  const folder = area === "services" && parts.length > 3 ? (parts[2] ?? null) : null;
  const test =
    file.endsWith(".test.ts") ||
    folder === "test" ||
    area === "tests" ||
    (area === "shared" && parts[2] === "test") ||
    (area === "deploy" && parts.at(-2) === "test");
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
