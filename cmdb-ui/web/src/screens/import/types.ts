// What import routes answer, as far as the page uses it.
import type { ItemRef, State, Value } from '$/lib/types';

export type Rejected = { file: string; row: number; column: string | null; code: string; message: string };
export type Counters = { created: number; updated: number; unchanged: number; removed: number };
export type PlannedChange = {
  action: 'create' | 'update' | 'remove' | 'conflict';
  what: 'item' | 'relationship';
  row?: number;
  class?: string;
  name?: string;
  type?: string;
  source?: Partial<ItemRef>;
  target?: Partial<ItemRef>;
  attributes?: { name: string; old: Value; new: Value }[];
};
export type Plan = {
  /** None where the server could not keep it. */
  id: string | null;
  applicable: boolean;
  reason?: string;
  items: Record<string, number>;
  changes: PlannedChange[];
  changes_count: number;
  removals?: { count: number; services: (ItemRef & { state: State; criticality: number | null })[] };
};
export type Report = Counters & {
  import: string;
  position: number;
  relationships: Counters;
  unresolved: string[];
  assumed: string[];
  rejected: Rejected[];
  rejected_count: number;
  /** The rejected rows of each file in its own format, where they were asked for. */
  rejects?: { file: string; text: string; base64?: string }[];
  applied: boolean;
  dry_run: boolean;
  plan?: Plan;
};
export type Run = {
  import: string;
  source: string;
  files: string[];
  position: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  by: string;
  at: string;
  state?: 'done' | 'unfinished' | 'undone';
};
