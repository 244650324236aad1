import type { LinkType } from "@stoa/events";
import type { Permission } from "../access.ts";

/**
 * What whoever links a task must be allowed on the other one. A blocked task is changed by it (`is_blocked`), whatever its
 * project thinks of that, so that looking on is not enough; the other types say only what the two are to each other.
 */
export const rightOnLinked = (type: LinkType): Permission => (type === "blocks" ? "write" : "read");
