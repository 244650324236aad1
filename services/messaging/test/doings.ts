import type { Doing } from "@stoa/testing";
import { beginAnswer, dropQuestion } from "../assistants/answers/begin.ts";
import { closeAnswer, finishAnswer } from "../assistants/answers/finish.ts";
import { abandonedAnswers, waitingAnswers } from "../assistants/answers/open.ts";
import { mailDigestsDue } from "../digests/send.ts";
import { maintain } from "../maintenance.ts";
import { eraseMessages } from "../retention/erase.ts";
import { expireMessages } from "../retention/expire.ts";
import { type Request, type Scene, settings, thumb, told } from "./scene.ts";

const inMinutes = (minutes: number) => () => new Date(Date.now() + minutes * 60_000);
const [now, soon, tomorrow, inTwoDays, inAMonth] = [0, 1, 1_440, 2_880, 44_640].map(inMinutes) as [
  () => Date,
  () => Date,
  () => Date,
  () => Date,
  () => Date,
];
const on = ({ project }: Scene) => ({ project_id: project, name: "Apollo", version: 2 });
const of = ({ task }: Scene) => ({ ...task, version: 2 });

/** What is done on the stage, by name. */
const doings = {
  "open a direct conversation": ({ ann, eve }) => [
    ann,
    "POST",
    "/conversations",
    { type: "direct", participant_ids: [eve.user_id] },
  ],
  "open it from the other side": ({ ann, eve }) => [
    eve,
    "POST",
    "/conversations",
    { type: "direct", participant_ids: [ann.user_id] },
  ],
  "come back to a direct conversation": ({ ann, cid }) => [
    ann,
    "POST",
    "/conversations",
    { type: "direct", participant_ids: [cid.user_id] },
  ],
  "make a group": ({ ann, cid, eve }) => [
    ann,
    "POST",
    "/conversations",
    { type: "group", title: "N", participant_ids: [eve.user_id, cid.user_id] },
  ],
  "rename the group": ({ ann, group }) => [ann, "PATCH", `/conversations/${group}`, { title: "H" }],
  "rename the group as it was": ({ ann, group }) => [
    ann,
    "PATCH",
    `/conversations/${group}`,
    { title: "I" },
    { "if-match": '"2"' },
  ],
  "the owner leaves": ({ ann, group }) => [ann, "DELETE", `/conversations/${group}`],
  "the owner leaves the pair": ({ ann, pair }) => [ann, "DELETE", `/conversations/${pair}`],
  "the other leaves the pair": ({ bob, pair }) => [bob, "DELETE", `/conversations/${pair}`],
  "leave the direct conversation": ({ ann, direct }) => [ann, "DELETE", `/conversations/${direct}`],
  "the other leaves the direct conversation": ({ bob, direct }) => [bob, "DELETE", `/conversations/${direct}`],
  "add Eve": ({ ann, eve, group }) => [ann, "PUT", `/conversations/${group}/participants/${eve.user_id}`, {}],
  "remove Bob": ({ ann, bob, group }) => [ann, "DELETE", `/conversations/${group}/participants/${bob.user_id}`],
  "remove Cid": ({ ann, cid, group }) => [ann, "DELETE", `/conversations/${group}/participants/${cid.user_id}`],
  "hand over to Bob": ({ ann, bob, group }) => [
    ann,
    "PUT",
    `/conversations/${group}/participants/${bob.user_id}`,
    { role: "owner" },
  ],
  "hand over to Eve": ({ ann, eve, group }) => [
    ann,
    "PUT",
    `/conversations/${group}/participants/${eve.user_id}`,
    { role: "owner" },
  ],
  "hand over to Eve as it was": ({ ann, eve, group }) => [
    ann,
    "PUT",
    `/conversations/${group}/participants/${eve.user_id}`,
    { role: "owner" },
    { "if-match": '"2"' },
  ],
  "remove Eve": ({ ann, eve, group }) => [ann, "DELETE", `/conversations/${group}/participants/${eve.user_id}`],
  "Eve leaves": ({ eve, group }) => [eve, "DELETE", `/conversations/${group}`],
  "Bob leaves": ({ bob, group }) => [bob, "DELETE", `/conversations/${group}`],
  "rename the group as a superuser": ({ root, group }) => [root, "PATCH", `/conversations/${group}`, { title: "H" }],
  "join as a superuser": ({ root, group }) => [root, "PUT", `/conversations/${group}/participants/${root.user_id}`, {}],
  "mute the group": ({ bob, group }) => [bob, "PUT", `/conversations/${group}/mute`],
  "read the group": ({ ann, group }) => [ann, "POST", `/conversations/${group}/read`, { seq: 2 }],

  send: ({ ann, group }) => [ann, "POST", `/conversations/${group}/messages`, { content: "mine" }],
  reply: ({ bob, group, first }) => [
    bob,
    "POST",
    `/conversations/${group}/messages`,
    { content: "@cid yes", parent_id: first },
  ],
  "send under an id": ({ bob, group }) => [
    bob,
    "POST",
    `/conversations/${group}/messages`,
    { content: "same", client_id: "c" },
  ],
  "send another under the id": ({ bob, group }) => [
    bob,
    "POST",
    `/conversations/${group}/messages`,
    { content: "other", client_id: "c" },
  ],
  "send under a key": ({ bob, group }) => [
    bob,
    "POST",
    `/conversations/${group}/messages`,
    { content: "same" },
    { "idempotency-key": "k" },
  ],
  "send about the task": ({ ann, talk, task }) => [
    ann,
    "POST",
    `/conversations/${talk}/messages`,
    { content: "@cid hm", task_id: task.task_id },
  ],
  "send about the task where it goes": ({ ann, talkElsewhere, task }) => [
    ann,
    "POST",
    `/conversations/${talkElsewhere}/messages`,
    { content: "here", task_id: task.task_id },
  ],
  "send directly": ({ ann, bob }) => [ann, "POST", "/messages", { recipient_id: bob.user_id, content: "yo" }],
  "write to Eve": ({ ann, eve }) => [ann, "POST", "/messages", { recipient_id: eve.user_id, content: "yo" }],
  "write to Eve under an id": ({ ann, eve }) => [
    ann,
    "POST",
    "/messages",
    { recipient_id: eve.user_id, content: "yo", client_id: "c" },
  ],
  "write to Eve under a key": ({ ann, eve }) => [
    ann,
    "POST",
    "/messages",
    { recipient_id: eve.user_id, content: "yo" },
    { "idempotency-key": "k" },
  ],
  "reply to Eve": ({ ann, eve, first }) => [
    ann,
    "POST",
    "/messages",
    { recipient_id: eve.user_id, content: "yo", parent_id: first },
  ],
  "Eve writes to Ann": ({ ann, eve }) => [eve, "POST", "/messages", { recipient_id: ann.user_id, content: "hi" }],
  "write to Cid again": ({ ann, cid }) => [ann, "POST", "/messages", { recipient_id: cid.user_id, content: "yo" }],
  "Cid writes to Ann": ({ ann, cid }) => [cid, "POST", "/messages", { recipient_id: ann.user_id, content: "hi" }],
  "Cid leaves the direct conversation": ({ cid, left }) => [cid, "DELETE", `/conversations/${left}`],
  "ask the assistant": ({ ann, group }) => [
    ann,
    "POST",
    `/conversations/${group}/messages`,
    { content: "@helper again" },
  ],
  "edit the reply": ({ bob, reply }) => [bob, "PATCH", `/messages/${reply}`, { content: "edited" }],
  "edit the reply to mention": ({ bob, reply }) => [bob, "PATCH", `/messages/${reply}`, { content: "edited @cid" }],
  "edit the reply as it was": ({ bob, reply }) => [
    bob,
    "PATCH",
    `/messages/${reply}`,
    { content: "if" },
    { "if-match": '"2"' },
  ],
  "edit the mention away": ({ bob, mention }) => [bob, "PATCH", `/messages/${mention}`, { content: "hi" }],
  "delete the first": ({ ann, first }) => [ann, "DELETE", `/messages/${first}`],
  "delete the mention": ({ bob, mention }) => [bob, "DELETE", `/messages/${mention}`],
  "delete the mention as a superuser": ({ root, mention }) => [root, "DELETE", `/messages/${mention}`],
  "delete the reply": ({ bob, reply }) => [bob, "DELETE", `/messages/${reply}`],
  "delete what was asked": ({ ann, asked }) => [ann, "DELETE", `/messages/${asked}`],
  "react to the reply": ({ cid, reply }) => [cid, "PUT", `/messages/${reply}/reactions/${thumb}`],
  "take the reaction back": ({ ann, mention }) => [ann, "DELETE", `/messages/${mention}/reactions/${thumb}`],
  "pin the mention": ({ ann, mention }) => [ann, "PUT", `/messages/${mention}/pin`],
  "unpin the reply": ({ ann, reply }) => [ann, "DELETE", `/messages/${reply}/pin`],
  "report the reply": ({ ann, reply }) => [ann, "POST", `/messages/${reply}/report`, { reason: "r" }],
  "resolve the report": ({ root, report }) => [root, "PATCH", `/reports/${report}`, { status: "resolved" }],
  "note on the report": ({ root, report }) => [root, "PATCH", `/reports/${report}`, { note: "n" }],
  "block Bob": ({ ann, bob }) => [ann, "PUT", `/blocks/${bob.user_id}`],
  "block Eve": ({ ann, eve }) => [ann, "PUT", `/blocks/${eve.user_id}`],
  "block Cid": ({ ann, cid }) => [ann, "PUT", `/blocks/${cid.user_id}`],
  "Eve blocks Ann": ({ ann, eve }) => [eve, "PUT", `/blocks/${ann.user_id}`],
  "follow the task": ({ ann, task }) => [ann, "PUT", `/follows/tasks/${task.task_id}`],
  "follow the task no more": ({ ann, task }) => [ann, "DELETE", `/follows/tasks/${task.task_id}`],
  "read the notifications": ({ ann }) => [ann, "POST", "/notifications/read", { all: true }],
  "want no mentions": ({ ann }) => [ann, "PATCH", "/notifications/preferences", { kinds: { mentioned: "none" } }],
  "want quiet": ({ ann }) => [
    ann,
    "PATCH",
    "/notifications/preferences",
    { quiet_hours: { from: "00:00", to: "23:59", tz: "UTC" } },
  ],
  "add an assistant": ({ ann, group }) => [
    ann,
    "POST",
    `/conversations/${group}/assistants`,
    { name: "second", model: "small", trigger: "always" },
  ],
  "remove the assistant": ({ ann, group, assistant }) => [
    ann,
    "DELETE",
    `/conversations/${group}/assistants/${assistant}`,
  ],
  "want one's messages erased": ({ ann }) => [ann, "POST", "/messages/erase"],

  "begin an answer": () => async (db) => {
    const [asked] = await waitingAnswers(db, 1);
    const begun = asked && (await beginAnswer({ db, now }, asked));
    if (asked && !begun) await dropQuestion({ db, now }, asked);
    return begun !== undefined;
  },
  "finish the answer":
    ({ begun }) =>
    (db) =>
      finishAnswer({ db, now }, settings, begun, { status: "complete", rest: "yes @bob", tokens: 7, text: "yes @bob" }),
  "end the answer of a dead process": () => async (db) => {
    for (const { message_id, ...answer } of await abandonedAnswers(db, soon())) {
      if (message_id) await closeAnswer({ db, now }, { ...answer, message_id, abandoned: true }, "failed");
    }
  },
  "erase messages": () => (db) => eraseMessages({ db, now }, () => false),
  "expire messages": () => (db) =>
    expireMessages({ db, now: inTwoDays }, { group: 1, direct: 1, project: 1 }, () => false),
  "mail digests": () => (db) => mailDigestsDue({ db, now: soon, public_url: "http://localhost" }),
  "mail digests of the next day": () => (db) => mailDigestsDue({ db, now: tomorrow, public_url: "http://localhost" }),
  purge: () => (db) => maintain({ db, now: inAMonth }),

  "the project is trashed": (s) => told("project.trashed", on(s), s.ann),
  "the project is purged": (s) => told("project.purged", on(s)),
  "Ann is removed from the project": (s) =>
    told("project.member_removed", { ...on(s), user_id: s.ann.user_id, role: "owner" }, s.bob),
  "Cid is removed from the project": (s) =>
    told("project.member_removed", { ...on(s), user_id: s.cid.user_id, role: "developer" }, s.bob),
  "the task is moved": (s) =>
    told(
      "task.moved_project",
      {
        ...of(s),
        project_id: s.elsewhere,
        from_project_id: s.project,
        from_key: null,
        removed_user_ids: [s.bob.user_id],
      },
      s.ann,
    ),
  "the task is trashed": (s) => told("task.trashed", of(s), s.ann),
  "the task is purged": (s) => told("task.purged", of(s)),
  "Ann is erased": ({ ann }) => told("user.erased", { user_id: ann.user_id, session_ids: [] }),
  "Bob is erased": ({ bob }) => told("user.erased", { user_id: bob.user_id, session_ids: [] }),
  "Eve is erased": ({ eve }) => told("user.erased", { user_id: eve.user_id, session_ids: [] }),
} satisfies Record<string, (scene: Scene) => Request | Doing>;

/** One of them. */
export type Name = keyof typeof doings;

/** What it is on a stage. */
export const doingOf = (scene: Scene, name: Name): Request | Doing =>
  (doings[name] as (scene: Scene) => Request | Doing)(scene);
