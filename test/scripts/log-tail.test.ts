import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogTail } from "../../scripts/platform/log-tail.ts";

describe("the last words of a process", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cn-log-"));
    file = join(folder, "api.log");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are those of this run", () => {
    writeFileSync(file, "cannot open the database\n");
    const tail = new LogTail(file);
    expect(tail.lastWords()).toBe(`it said nothing (log: ${file})`);
    appendFileSync(file, "out of memory\n");
    expect(tail.lastWords()).toBe(`out of memory (log: ${file})`);
  });

  it("are the reason alone where a start failed, wherever it stands among other lines", () => {
    const tail = new LogTail(file);
    writeFileSync(file, '{"msg":"hello"}\ncloudnexus cannot start: PORT: must be a number\n{"msg":"stopped"}\n');
    expect(tail.lastWords()).toBe("PORT: must be a number");
  });

  it("are messages, not JSON", () => {
    const tail = new LogTail(file);
    writeFileSync(file, '{"level":"fatal","err":{"message":"connection refused"},"msg":"the worker failed"}\n');
    expect(tail.lastWords()).toBe(`the worker failed: connection refused (log: ${file})`);
  });
});
