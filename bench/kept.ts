import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client, type Person } from "../tests/client.ts";
import type { Settings } from "./measurement.ts";
import { startWorld, type World } from "./stoa.ts";

/** What is needed to come back to a world. */
interface Kept<T> {
  readonly ada: Pick<Person, "id" | "username" | "password">;
  readonly project_id: string;
  readonly filled: T;
}

/**
 * A world with very much in it, which takes minutes to make. With `--keep FOLDER` it is made once and found there again by later
 * runs; without, it is made in a folder that is deleted.
 *
 * @param name of the folder within: what is in it, and how much
 * @param fill puts it in; what it returns is kept too
 */
export async function keptWorld<T>(
  { keep }: Settings,
  name: string,
  options: { readonly tasks?: number },
  fill: (world: World) => Promise<T>,
): Promise<World & { readonly filled: T }> {
  if (keep === undefined) {
    const world = await startWorld(options);
    return Object.assign(world, { filled: await fill(world) });
  }
  const folder = join(keep, name);
  await mkdir(folder, { recursive: true });
  const file = Bun.file(join(folder, "kept.json"));
  const env = { DATA_DIR: join(folder, "data") };
  if (!(await file.exists())) {
    const world = await startWorld({ ...options, env });
    const { ada, project_id } = world;
    const filled = await fill(world);
    const kept: Kept<T> = { ada: { id: ada.id, username: ada.username, password: ada.password }, project_id, filled };
    await Bun.write(file, JSON.stringify(kept));
    return Object.assign(world, { filled });
  }
  const { ada, project_id, filled } = (await file.json()) as Kept<T>;
  const world = await startWorld({ env, known: { project_id, logIn: (url) => logIn(url, ada) } });
  return Object.assign(world, { filled });
}

async function logIn(url: string, known: Kept<unknown>["ada"]): Promise<Person> {
  const { username, password } = known;
  const { access_token, refresh_token } = await new Client(url).must<{ access_token: string; refresh_token: string }>(
    200,
    "POST",
    "/api/v1/auth/login",
    { username, password },
  );
  return Object.assign(new Client(url, access_token), { ...known, refresh_token });
}
