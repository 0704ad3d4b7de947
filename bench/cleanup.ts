/** What has to be undone at the end, however the end comes: normally, by an error, or by Ctrl-C. Newest first; each once. */
export class Cleanup {
  private readonly undos: { title: string; run: () => Promise<void> }[] = [];
  private running: Promise<void> | null = null;

  add(title: string, run: () => Promise<void>): void {
    this.undos.push({ title, run });
  }

  /** A failing undo does not keep the others from running. A second call waits for the first. */
  run(): Promise<void> {
    this.running ??= this.unwind();
    return this.running;
  }

  private async unwind(): Promise<void> {
    for (let undo = this.undos.pop(); undo; undo = this.undos.pop()) {
      try {
        await undo.run();
      } catch (error) {
        process.exitCode = 1;
        console.error(`could not ${undo.title}: ${String(error)}`);
      }
    }
  }
}
