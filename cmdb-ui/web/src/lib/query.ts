// One question in the query language, answered whole.
import { send, url } from './api';
import { asOf } from './at.svelte';
import type { QueryAnswer } from './types';

export async function ask(query: string, signal?: AbortSignal): Promise<QueryAnswer> {
  const at = asOf.text || undefined;
  return (await send<QueryAnswer>('POST', url('/query'), { query, at }, { signal })).data;
}
