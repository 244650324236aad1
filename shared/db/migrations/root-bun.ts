/** The folder of all services' migrations. In an executable, files have their paths from the root of the build. */
export const migrationsRoot = new URL(Bun.isStandaloneExecutable ? "./drizzle/" : "../../../drizzle/", import.meta.url);
