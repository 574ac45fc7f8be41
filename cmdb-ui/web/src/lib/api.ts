// The one door to the server: the public API, problems as values with a name, answers of the first view from the document.
import { busy } from './busy.svelte';

/** An error as the API tells it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
    readonly errors: { pointer: string; detail: string }[] = [],
    readonly trace?: string,
    readonly version?: number,
  ) {
    super(message);
  }
}

export type Answer<T> = { data: T; etag: string | null; position: number; status: number };
export type Options = { signal?: AbortSignal; headers?: Record<string, string>; quiet?: boolean };

type Boot = { answers?: Record<string, { data: unknown; etag: string | null; position: number }> };

function readBoot(): Boot {
  const text = document.getElementById('boot')?.textContent;
  try {
    return (text && (JSON.parse(text) as Boot | null)) || {};
  } catch {
    return {};
  }
}

const boot = readBoot();

/** What the server put into the document for this question; given away once, for later it may be old. */
export function booted<T>(path: string): Answer<T> | null {
  const answer = boot.answers?.[path];
  if (!answer) return null;
  delete boot.answers?.[path];
  return { ...answer, data: answer.data as T, status: 200 };
}

/** `/api/v1` and what stands behind it; parameters that are empty or missing are left out. */
export function url(path: string, parameters: Record<string, string | number | boolean | null | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1${path}${text && `?${text}`}`;
}

/** One segment of a path. */
export const segment = encodeURIComponent;

/** Told when the server no longer knows who is asking. */
export const signedOut = { tell: () => {} };

async function problem(response: Response): Promise<Problem> {
  const trace = response.headers.get('x-request-id') ?? undefined;
  try {
    const p = await response.json();
    return new Problem(response.status, p.code, p.detail, p.hint, p.errors, p.trace_id ?? trace, p.version);
  } catch {
    return new Problem(response.status, 'answer.unreadable', `the server answered ${response.status}`, undefined, [], trace);
  }
}

async function ask(method: string, path: string, body: BodyInit | undefined, options: Options): Promise<Response> {
  const ended = options.quiet ? () => {} : busy();
  try {
    const response = await fetch(path, { method, body, headers: options.headers, signal: options.signal });
    if (response.status === 401) signedOut.tell();
    if (!response.ok) throw await problem(response);
    return response;
  } catch (error) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError')) throw error;
    throw new Problem(0, 'server.unreachable', 'the server does not answer', 'check that it is running, then try again');
  } finally {
    ended();
  }
}

async function answer<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return {
    data: (text ? JSON.parse(text) : null) as T,
    etag: response.headers.get('etag'),
    position: Number(response.headers.get('x-cmdb-position') ?? 0),
    status: response.status,
  };
}

export async function get<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  return booted<T>(path) ?? answer<T>(await ask('GET', path, undefined, options));
}

/** POST, PATCH or DELETE with a JSON body. */
export async function send<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json', ...options.headers };
  return answer<T>(await ask(method, path, body === undefined ? undefined : JSON.stringify(body), { ...options, headers }));
}

/** POST of files or text as they are. */
export async function sendRaw<T>(path: string, body: BodyInit, options: Options = {}): Promise<Answer<T>> {
  return answer<T>(await ask('POST', path, body, options));
}

/** The answer as it arrives, for what is streamed. */
export function stream(method: string, path: string, body?: unknown, options: Options = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...options.headers };
  return ask(method, path, body === undefined ? undefined : JSON.stringify(body), { ...options, headers });
}
