import type { Browser } from "playwright-core";
import { program } from "./program.ts";

/** Starts the system's Chromium without a window. Close it with `await using` or `close()`. */
export async function chromium(): Promise<Browser> {
  // It is loaded only here, because loading takes longer than most test files, which need no browser.
  const { chromium: engine } = await import("playwright-core");
  return engine.launch({
    executablePath: program("chromium"),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
