import { type Handler, on } from "@stoa/bus/types";
import { raw } from "@stoa/db";
import { aboutEvent } from "./about-event.ts";
import { tell, these } from "./notify.ts";

/**
 * Notifies users that someone added them to a project or an organization, or invited them. Whoever accepts an invitation
 * joined by themselves: that their invitation was of use is all that is left of it.
 */
export const additionHandlers: readonly Handler[] = [
  on("reaction", "project.member_added", (event) => {
    const { project_id: id, name: title, user_id } = event.data;
    const object = { type: "project", id, title } as const;
    return tell({ kind: "added", ...aboutEvent(event), object, scope_id: id, to: these([user_id]) }, raw("1"));
  }),
  on("reaction", "organization.member_added", (event) => {
    const { organization_id: id, name: title, user_id, invitation_id } = event.data;
    if (invitation_id !== null) return [];
    const object = { type: "organization", id, title } as const;
    return tell({ kind: "added", ...aboutEvent(event), object, scope_id: id, to: these([user_id]) }, raw("1"));
  }),
  on("reaction", "organization.member_invited", (event) => {
    const { organization_id, invitation_id: id, name: title, user_id } = event.data;
    if (user_id === null) return [];
    const object = { type: "invitation", id, title } as const;
    const to = these([user_id]);
    return tell({ kind: "invited", ...aboutEvent(event), object, scope_id: organization_id, to }, raw("1"));
  }),
];
