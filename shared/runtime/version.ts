import root from "../../package.json" with { type: "json" };

/** Stoa's version, as health and documentation show it. */
export const version: string = root.version;
