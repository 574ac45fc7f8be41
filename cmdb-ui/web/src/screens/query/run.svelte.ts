// One query at a time: asked, counted while it arrives, cancelled by closing the connection (the server then stops).
import { Problem, stream, url } from '$/lib/api';
import { here } from '$/lib/router.svelte';
import type { Value } from '$/lib/types';

/** Rows asked for; the server stops behind them. */
export const ROWS_MAX = 10_000;

export type Plan = {
  operator: string;
  details: string;
  estimated_rows: number;
  rows?: number;
  steps?: number;
  inputs: Plan[];
};
export type Answer = {
  columns: string[];
  rows: Value[][];
  stats?: Record<string, number>;
  plan?: Plan;
  notices?: string[];
  position?: number;
  elapsed_us?: number;
  /** Something went wrong after the first rows had left. */
  error?: { code: string; detail: string; hint?: string };
};

export class Run {
  answer = $state.raw<Answer | null>(null);
  problem = $state.raw<Problem | null>(null);
  running = $state(false);
  cancelled = $state(false);
  seconds = $state(0);
  bytes = $state(0);
  #control: AbortController | null = null;

  async ask(query: string, parameters: Record<string, Value>, readOnly: boolean): Promise<void> {
    this.cancel();
    const control = (this.#control = new AbortController());
    const started = Date.now();
    const clock = setInterval(() => (this.seconds = Math.floor((Date.now() - started) / 1000)), 500);
    this.running = true;
    this.problem = null;
    this.cancelled = false;
    this.seconds = this.bytes = 0;
    try {
      const body = { query, parameters, at: here.text('at') || undefined, read_only: readOnly, max_rows: ROWS_MAX };
      const response = await stream('POST', url('/query'), body, { signal: control.signal });
      this.answer = JSON.parse(await this.#read(response)) as Answer;
    } catch (error) {
      if (control.signal.aborted) this.cancelled = true;
      else this.problem = error as Problem;
      if (!control.signal.aborted) this.answer = null;
    } finally {
      clearInterval(clock);
      if (this.#control === control) this.running = false;
    }
  }

  async #read(response: Response): Promise<string> {
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    const parts: string[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return parts.join('') + decoder.decode();
      this.bytes += value.length;
      parts.push(decoder.decode(value, { stream: true }));
    }
  }

  cancel(): void {
    this.#control?.abort();
    this.#control = null;
    this.running = false;
  }
}
