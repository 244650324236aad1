import { type Matrix, tableOf } from "./routes/matrix.ts";

/** The routes of each service that anyone may call. */
export const everywhere: Matrix = {
  services: ["identity", "projects", "messaging"],
  table: tableOf(`
                                      anonymous user superuser disabled ended
    GET    /health                    200       200  200       200      200
    GET    /health/live               200       200  200       200      200
    GET    /health/ready              200       200  200       200      200
    GET    /health/db                 200       200  200       200      200
    GET    /swagger                   200       200  200       200      200
    GET    /swagger/json              200       200  200       200      200
    GET    /swagger/assets/:name      200       200  200       200      200
  `),
  scene: (_, { root, stranger, disabled, ended }) => ({
    as: (role) => ({ user: stranger, superuser: root, disabled, ended })[role] ?? null,
    params: { name: "stoa.css" },
    requests: {},
  }),
};
