// What import routes answer, as far as the page uses it.
import type { ItemRef, Value } from '$/lib/types';

export type Rejected = { file: string; row: number; column: string | null; code: string; message: string };
export type Counters = { created: number; updated: number; unchanged: number; removed: number };
export type PlannedChange = {
  action: 'create' | 'update' | 'remove' | 'conflict';
  what: 'item' | 'relationship';
  row?: number;
  class?: string;
  name?: string;
  type?: string;
  source?: ItemRef;
  target?: ItemRef;
  attributes?: { name: string; old: Value; new: Value }[];
};
export type Plan = {
  id: string;
  applicable: boolean;
  reason?: string;
  items: Record<string, number>;
  changes: PlannedChange[];
  changes_count: number;
};
export type Report = Counters & {
  import: string;
  position: number;
  relationships: Counters;
  unresolved: string[];
  assumed: string[];
  rejected: Rejected[];
  rejected_count: number;
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
