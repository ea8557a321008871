// Telling the kernel which frames arrived, several at once.

const EVERY = 150; // ms

/**
 * Answers for the frames of a view.
 *
 * JupyterLab shows the kernel as busy and idle again for every message to it, in three places of
 * the page: an answer a frame would cost more time than drawing it. The kernel lets several frames
 * be on the way, and one answer counts for all frames before it. A hidden page does not answer.
 */
export class Answers {
  private newest = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: (seq: number) => void) {}

  note(seq: number): void {
    this.newest = seq;
    this.timer ??= setTimeout(() => {
      requestAnimationFrame(() => {
        if (this.timer === undefined) return;
        this.timer = undefined;
        this.send(this.newest);
      });
    }, EVERY);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
