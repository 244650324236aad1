import type { ServiceName } from "@stoa/events";
import type { Answer, Caller, Sending } from "./ask.ts";
import { pastTokens } from "./bad-tokens.ts";
import type { Cast, Matrix, Row, Scene } from "./matrix.ts";
import { routesOf, type ServiceRoute, shortPath } from "./operations.ts";
import { faultsOf } from "./problem.ts";
import { goodBody } from "./samples.ts";
import type { Stage } from "./stage.ts";
import type { Stoa } from "./stoa.ts";

/** The actual outcome of a row. */
export interface RowOutcome {
  readonly statuses: Readonly<Record<string, number>>;
  /** Refusals with a wrong problem document, or that wrote something. */
  readonly faults: readonly string[];
}

/** The users of all matrices. */
export async function castOf(stage: Stage): Promise<Cast> {
  const root = await stage.root();
  const { ended, disabled } = await pastTokens(stage, root);
  const person = () => stage.person();
  return {
    root,
    stranger: await person(),
    ended: { token: ended },
    disabled: { token: disabled },
    others: [await person(), await person(), await person(), await person(), await person(), await person()],
  };
}

/** A scene, and the requests for it. */
interface Set {
  readonly scene: Scene;
  readonly sending: Sending;
}

/** Sends the requests of the matrices' rows in every role. */
export class MatrixRunner {
  readonly #stoa: Stoa;
  readonly #caller: Caller;
  readonly #stage: Stage;
  readonly #cast: Cast;
  readonly #routes: readonly ServiceRoute[];

  constructor(stoa: Stoa, caller: Caller, stage: Stage, cast: Cast) {
    this.#stoa = stoa;
    this.#caller = caller;
    this.#stage = stage;
    this.#cast = cast;
    this.#routes = routesOf(stoa.apps);
  }

  /** Sends the request of one row in each role. A refused request changes nothing, so its scene is used again. */
  async row(matrix: Matrix, service: ServiceName, row: Row): Promise<RowOutcome> {
    const route = this.#routeOf(service, row);
    const statuses: Record<string, number> = {};
    const faults: string[] = [];
    let set: Set | undefined;
    for (const role of matrix.table.roles) {
      set ??= await this.#set(matrix, route, row, role);
      const caller = await set.scene.as(role);
      const before = await this.#stoa.journals();
      const answer = await this.#ask(route, set, caller?.token ?? null);
      statuses[role] = answer.status;
      const refused = answer.status >= 400;
      if (refused) faults.push(...refusalFaults(answer, role).map((fault) => `${role}: ${fault}`));
      if (refused && (await this.#stoa.journals()) !== before) faults.push(`${role}: is refused, and writes`);
      const changed = !refused && route.method !== "GET";
      if (changed || this.#requestOf(set.scene, row).length > 0) set = undefined;
    }
    return { statuses, faults };
  }

  #routeOf(service: ServiceName, row: Row): ServiceRoute {
    const found = this.#routes.find(
      (route) => route.service === service && `${route.method} ${shortPath(route.path)}` === row.operation,
    );
    if (!found) throw new Error(`There is no route ${row.operation} in ${service}.`);
    return found;
  }

  async #set(matrix: Matrix, route: ServiceRoute, row: Row, role: string): Promise<Set> {
    const scene = await matrix.scene(this.#stage, this.#cast, this.#stoa);
    const sending = await this.#requestOf(scene, row)(role);
    const { spec } = route;
    const body = spec && sending.json === undefined ? goodBody({ ...route, spec, name: row.name }) : {};
    return { scene, sending: { ...body, ...sending, params: { ...scene.params, ...sending.params } } };
  }

  #requestOf({ requests }: Scene, { name, operation }: Row): (role: string) => Sending | Promise<Sending> {
    return requests[name] ?? requests[operation] ?? (() => ({}));
  }

  #ask(route: ServiceRoute, { sending }: Set, token: string | null): Promise<Answer> {
    const { spec, service, method, path } = route;
    if (spec) return this.#caller.ask({ ...route, spec, name: `${method} ${shortPath(path)}` }, { ...sending, token });
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => sending.params?.[name] ?? "");
    return this.#caller.send(this.#stoa.apps[service], method, filled, { token });
  }
}

/** What is wrong with a problem document. For statuses that imply the code, the code is checked too. */
function refusalFaults(answer: Answer, role: string): string[] {
  const { status, body } = answer;
  const past = role === "ended" || role === "disabled";
  const ownWords = [
    "invalid_credentials",
    "mfa_required",
    "session_revoked",
    "account_disabled",
    "blocked",
    "wrong_password",
    "step_up_required",
  ];
  const said = String(body["error_code"]);
  const codes: Readonly<Record<number, string>> = {
    401: past ? "session_revoked" : "unauthorized",
    403: "forbidden",
    404: "not_found",
  };
  const code = ownWords.includes(said) ? said : (codes[status] ?? said);
  return faultsOf(answer, { status, code });
}
