import { expect, test, vi } from "vitest";
import { createSemaphore } from "../../src/drivers/incus/semaphore.ts";

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const never = new AbortController().signal;

test("lets through as many as it has places, and the others in their order", async () => {
  const semaphore = createSemaphore(2);
  const gates = [gate(), gate(), gate(), gate()];
  const entered: number[] = [];
  const runs = gates.map(({ opened }, index) =>
    semaphore.run(never, async () => {
      entered.push(index);
      await opened;
    }),
  );
  await vi.waitFor(() => expect(entered).toEqual([0, 1]));
  gates[1]?.open();
  await vi.waitFor(() => expect(entered).toEqual([0, 1, 2]));
  for (const { open } of gates) open();
  await Promise.all(runs);
  expect(entered).toEqual([0, 1, 2, 3]);
});

test("an abort leaves the queue with its reason and takes no place", async () => {
  const semaphore = createSemaphore(1);
  const { open, opened } = gate();
  const controller = new AbortController();
  const first = semaphore.run(never, () => opened);
  const second = semaphore.run(controller.signal, async () => "second");
  const third = semaphore.run(never, async () => "third");
  const reason = new Error("cancelled");
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  open();
  await first;
  expect(await third).toBe("third");
});

test("a place is given back when the work fails", async () => {
  const semaphore = createSemaphore(1);
  await expect(semaphore.run(never, async () => Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(await semaphore.run(never, async () => "next")).toBe("next");
});
