import { newId } from "@stoa/db";
import type { Place } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import { type Service, serve } from "./service.ts";
import { createWorld, type Person, type World } from "./world.ts";

/** What a test says of a task that an event is about. */
interface TaskOptions {
  readonly by?: Person;
  readonly assignee_ids?: readonly string[];
  readonly title?: string;
}

/** A project of Ann's with Bob and Cid in it, Eve outside, tasks, and messaging as a service. */
export interface Talk extends AsyncDisposable {
  readonly world: World;
  readonly service: Service;
  readonly ann: Person;
  readonly bob: Person;
  readonly cid: Person;
  readonly eve: Person;
  readonly project_id: string;
  /** The project's conversation. */
  readonly conversation_id: string;
  /** Makes a task. Returns its id. */
  task(project_id: string | null, options?: TaskOptions): Promise<string>;
  /** Moves a task to another project. */
  move(task_id: string, from_project_id: string | null, project_id: string): Promise<void>;
}

/** @see Talk */
export async function startTalk(place?: Place): Promise<Talk> {
  const world = await createWorld(place);
  const [ann, bob, cid, eve] = await world.people("ann", "bob", "cid", "eve");
  const project_id = await world.project(ann, bob, cid);
  const service = await serve(world);
  return {
    world,
    service,
    ann,
    bob,
    cid,
    eve,
    project_id,
    conversation_id: conversationOf(project_id),
    async task(project_id, { by = ann, assignee_ids = [], title = "Write the plan" } = {}) {
      const task_id = newId();
      const about = { task_id, project_id, key: null, title, version: 1, changes: [] };
      const fields = { status: "pending", priority: "medium" } as const;
      await world.apply("task.created", { ...about, ...fields, assignee_ids: [...assignee_ids] }, by);
      return task_id;
    },
    async move(task_id, from_project_id, project_id) {
      const about = { task_id, project_id, key: null, title: "Moved", version: 2, changes: [] };
      await world.apply("task.moved_project", { ...about, from_project_id, from_key: null, removed_user_ids: [] }, ann);
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}
