// What the API answers, as far as the page uses it. Names are those of /api/v1/openapi.json.
export type ItemRef = { id: string; class: string; name: string };
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Attributes = Record<string, Value>;

export type Session = {
  principal: string | null;
  role: string | null;
  rights: string[];
  kind: 'local' | 'session' | 'token' | 'none';
};

export type Item = {
  id: string;
  class: string;
  name: string | null;
  status: string | null;
  attributes: Attributes;
  version: number;
  created_at: string;
  updated_at: string;
  provenance: Record<string, { source: string; at: string }>;
  keys: string[];
  former_names?: string[];
};

export type Items = { position: number; count?: number; items: Record<string, Value>[]; next_cursor: string | null };

export type Relationship = {
  id: string;
  type: string;
  source: ItemRef;
  target: ItemRef;
  attributes: Attributes;
  version: number;
  created_at: string;
  updated_at: string;
};
export type Relationships = { position: number; relationships: Relationship[]; next_cursor: string | null };

export type Attribute = {
  name: string;
  type: string;
  unit?: string;
  values?: string[];
  required: boolean;
  unique: boolean;
  default?: string;
  minimum?: number;
  maximum?: number;
  description: string;
};
export type Lifecycle = {
  name: string;
  initial: string;
  states: { name: string; live: boolean }[];
  moves: [string, string][];
};
export type Class = {
  name: string;
  parent: string | null;
  ancestors: string[];
  abstract: boolean;
  label: string | null;
  description: string;
  identification: string[][];
  lifecycle: Lifecycle | null;
  expects_dependencies: boolean;
  attributes: Attribute[];
  /** Items of the class itself, where counts were asked for. */
  items?: number;
};
export type RelationshipType = {
  name: string;
  inverse: string | null;
  source: string[];
  target: string[];
  suffers: 'source' | 'target' | 'none';
  description: string;
  attributes: Attribute[];
};

export type Change = { field: string; before: Value; after: Value };
export type HistoryEntry = {
  position: number;
  at: string;
  actor: string;
  message: string;
  version: number | null;
  changes: Change[];
  relationships: { what: string; relationship: Relationship }[];
};
export type History = { position: number; item: ItemRef; entries: HistoryEntry[]; next_cursor: string | null };

export type State = 'down' | 'degraded' | 'at_risk' | 'up';
export type Gate = {
  group: string;
  rule: string;
  needed: number;
  left: number;
  of: number;
  standby?: number;
  state: State;
  lost: ItemRef[];
};
export type Reason = { item: ItemRef; relationship: string; on: ItemRef; state: State; gate?: Gate };
export type Affected = ItemRef & { state: State; depth: number; after_minutes: number; why: Reason[]; gates?: Gate[] };
export type Impact = {
  position: number;
  complete: boolean;
  view: 'full' | 'restricted';
  roots: (ItemRef & { state: State })[];
  summary: {
    total: number;
    by_state: Partial<Record<State, number>>;
    by_class: Record<string, number>;
    protected: number;
    services: (ItemRef & { state: State; criticality: number | null })[];
  };
  affected: Affected[];
  blind_spots: { kind: string; class?: string; count: number; items: ItemRef[]; message: string }[];
  next_cursor: string | null;
  elapsed_us: number;
};

export type Found = {
  position: number;
  items: (ItemRef & { matched: string; attribute?: string; value?: string })[];
  complete: boolean;
  elapsed_us: number;
};

export type Status = {
  version: string;
  position: number;
  at: string;
  log: string;
  items: number;
  relationships: number;
  classes: number;
  open_schema: boolean;
  state_hash: string;
  principal: string;
  role: string;
};
export type LogEntry = {
  position: number;
  at: string;
  actor: string;
  message: string;
  facts: number;
  chain?: string;
  kinds?: Record<string, number>;
};

export type QueryAnswer = { columns: string[]; rows: Value[][]; position: number; elapsed_us: number };

export type Job = {
  id: string;
  kind: string;
  state: 'running' | 'done' | 'failed';
  phase: string;
  done: number;
  total: number;
  elapsed_ms: number;
  result?: unknown;
  problem?: { code: string; detail: string; hint?: string };
};

/** One end of a rule: an attribute (or `name`) of a class, or the key by which a source knows its items. */
export type RuleEnd = { class: string; attribute?: string; key_of?: string };
export type AttributeRule = {
  name: string;
  source: RuleEnd;
  type: string;
  target: RuleEnd;
  one: 'target' | 'source' | 'neither';
  ignore_case: boolean;
  group: string | null;
  attributes: Record<string, string>;
  reads: string;
  state: string;
  reason?: string;
  by: string;
  created: number;
};
export type RuleReport = {
  dry_run: boolean;
  rule: AttributeRule;
  made: number;
  stated: number;
  unmatched: { item: ItemRef; value: string }[];
  unmatched_count: number;
  ambiguous: { value: string; items: ItemRef[]; items_count: number; referrers: number }[];
  ambiguous_count: number;
};

/** What one source knows of a thing. */
export type KnownBy = {
  source: string;
  kind: 'observed' | 'declared';
  confidence: number;
  first_seen: string | null;
  last_seen: string;
  or_until?: string;
  import?: string;
};
export type ItemSources = ItemRef & {
  first_seen: string;
  last_seen: string | null;
  stale_after_days: number | null;
  stale: boolean;
  sources: KnownBy[];
  attributes: Record<string, { source: string; since: string; last_seen: string | null; confidence: number }>;
  relationships: { id: string; type: string; source: ItemRef; target: ItemRef; last_seen: string | null; confidence: number; sources: KnownBy[] }[];
  relationships_count: number;
};
export type Freshness = {
  when: string;
  count: number;
  items_count: number;
  by_class: Record<string, { stale: number; items: number }>;
  by_source: Record<string, number>;
  items: (ItemRef & { last_seen: string; or_until?: string; source: string; age_days: number; stale_after_days: number })[];
  next_cursor: string | null;
};
export type StaleRules = { default_days: number; rules: { class: string; days: number | null }[] };
export type SourceTrust = {
  source: string;
  kind: 'observed' | 'declared';
  confidence: number;
  set: boolean;
  last_run: string | null;
  items: number;
  relationships: number;
};
export type Observed = {
  observed: number;
  observed_and_declared: number;
  relation_coverage: number | null;
  undeclared: number;
  unobserved: number;
  out_of_sight: number;
  observing: string[];
  list: 'undeclared' | 'unobserved';
  dependencies: { id: string; type: string; source: ItemRef; target: ItemRef; known_by: string; last_seen: string | null; confidence: number }[];
  next_cursor: string | null;
};
