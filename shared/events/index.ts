export { type EventData, type EventName, type EventNameOf, eventCatalogue, retiredEvents } from "./catalogue.ts";
export { type Cause, type Envelope, nameOf, serviceOf, subjectOf, system } from "./envelope.ts";
export { formerMember, type LoginMethod, type SecondFactor, type SessionEndReason } from "./identity.ts";
export { OrganizationRole } from "./organizations.ts";
export { Change, LinkType, ProjectRole, TaskPriority, TaskStatus } from "./projects.ts";
export { isAdded } from "./schema.ts";
export { type ServiceName, services } from "./services.ts";
