/** Whether a port accepts TCP connections; with `greeting`, whether the server also sends a text that begins so. */
export async function reachable(port: number, greeting?: string): Promise<boolean> {
  const heard = Promise.withResolvers<boolean>();
  try {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: () => {
          if (greeting === undefined) heard.resolve(true);
        },
        data: (_socket, bytes) => heard.resolve(bytes.toString().startsWith(greeting ?? "")),
        close: () => heard.resolve(false),
        error: () => heard.resolve(false),
        connectError: () => heard.resolve(false),
      },
    });
    const late = setTimeout(() => heard.resolve(false), 1_000);
    const answer = await heard.promise;
    clearTimeout(late);
    socket.end();
    return answer;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") return false;
    throw error;
  }
}
