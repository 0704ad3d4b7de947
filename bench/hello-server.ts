import express from "express";

/** The least that Express can do: what the API's throughput is compared with. Usage: hello-server.ts PORT */

const app = express();
app.get("/", (_request, response) => {
  response.send("hello");
});
app.listen(Number(process.argv[2]), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
