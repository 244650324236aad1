import { run } from "./identity/main.ts";

process.exitCode = await run(Bun.argv.slice(2), process.env, (line, error) =>
  error ? console.error(line) : console.log(line),
);
