import { runRestore } from "./backup/main.ts";

process.exitCode = runRestore(Bun.argv.slice(2), process.env, (line, error) =>
  error ? console.error(line) : console.log(line),
);
