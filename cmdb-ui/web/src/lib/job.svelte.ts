// Long work on the server: started, followed by server-sent events, cancelled, and found again after a reload.
import { get, send, url, Problem } from './api';
import type { Job } from './types';

export type Following<T> = {
  readonly job: Job | null;
  readonly result: T | undefined;
  readonly problem: Problem | null;
  readonly running: boolean;
  start(begin: () => Promise<{ data: unknown; status: number }>): Promise<void>;
  follow(id: string): void;
  cancel(): void;
};

/** Work that may answer at once, or with a job that is then followed to its end. */
export function following<T>(): Following<T> {
  let job = $state.raw<Job | null>(null);
  let result = $state.raw<T | undefined>(undefined);
  let problem = $state.raw<Problem | null>(null);
  let running = $state(false);
  let source: EventSource | null = null;

  function take(news: Job) {
    job = news;
    if (news.state === 'running') return;
    running = false;
    source?.close();
    if (news.state === 'done') result = news.result as T;
    else problem = new Problem(0, news.problem?.code ?? '', news.problem?.detail ?? '', news.problem?.hint);
  }

  function follow(id: string) {
    running = true;
    source?.close();
    source = new EventSource(url(`/jobs/${id}/events`));
    const read = (event: MessageEvent) => take(JSON.parse(event.data) as Job);
    source.addEventListener('progress', read);
    source.addEventListener('end', read);
    // The browser connects again by itself; when it gives up, one plain question says how it stands.
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      get<Job>(url(`/jobs/${id}`)).then((answer) => take(answer.data), (error) => {
        problem = error as Problem;
        running = false;
      });
    };
  }

  $effect(() => () => source?.close());

  return {
    get job() {
      return job;
    },
    get result() {
      return result;
    },
    get problem() {
      return problem;
    },
    get running() {
      return running;
    },
    async start(begin) {
      [job, result, problem, running] = [null, undefined, null, true];
      try {
        const { data, status } = await begin();
        if (status === 202) {
          job = data as Job;
          follow(job.id);
        } else {
          result = data as T;
          running = false;
        }
      } catch (error) {
        problem = error as Problem;
        running = false;
      }
    },
    follow,
    cancel: () => void (job && send('DELETE', url(`/jobs/${job.id}`)).catch(() => {})),
  };
}
