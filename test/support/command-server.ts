import { createServer } from "node:http";
import { runCli } from "./command-line.ts";

/** HTTP's 2xx up from here stand for exit codes: a status that nobody has given a meaning, and that may have a body. */
const EXIT_0 = 210;

/**
 * The command line in this process, for shells of tests: starting it anew for each command would take longer than all that it does. `shellFunction` is what `cloudnexus` is in such a
 * shell; output and exit code are those of the command.
 */
export interface CommandServer {
  shellFunction: string;
  close(): Promise<void>;
}

export async function serveCommands(socket: string, environment: NodeJS.ProcessEnv): Promise<CommandServer> {
  const server = createServer((request, response) => {
    let typed = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      typed += chunk;
    });
    request.on("end", () => {
      void runCli(typed.split("\0").slice(0, -1), { environment }).then(({ exitCode, out, err }) =>
        response.writeHead(EXIT_0 + exitCode).end([out, err].map((text) => (text === "" ? "" : `${text}\n`)).join("")),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    shellFunction: `cloudnexus() {
  local out code
  out=$(mktemp)
  code=$(printf '%s\\0' "$@" | curl -sS --unix-socket ${socket} -o "$out" -w '%{http_code}' --data-binary @- http://commands/)
  cat "$out"
  rm -f "$out"
  return $((code - ${EXIT_0}))
}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
