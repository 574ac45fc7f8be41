// Changes, their collisions and the board's pack, as the API answers them.
import { link } from './at.svelte';
import { find } from '$/screens';
import type { Attributes, Item, ItemRef, State, Value } from './types';

export type Level = 'low' | 'moderate' | 'high' | 'very_high';
export type Participant = { id: string; class: string; number: string; title: string };
export type ServiceAtStake = ItemRef & { state: State; criticality?: number | null };

export type ChangeRow = ItemRef & {
  number: string;
  title: string;
  type: 'normal' | 'standard' | 'emergency';
  status: string;
  start: string | null;
  end: string | null;
  affects: (ItemRef & { state: string })[];
  risk: Level | null;
  requester: string;
  implementer: string | null;
};
export type Changes = { position: number; count: number; changes: ChangeRow[] };

export type Required = {
  authority: string;
  of?: string;
  because?: string[];
  quorum: number;
  members?: string[];
  agreed?: string[];
  met: boolean;
};
export type Drift = {
  services?: { scenario: string; graph: string; id: string; name: string; was: State; is: State }[];
  risk_was?: Level;
  risk_is?: Level;
  worse: boolean;
};
export type JournalEntry = { at: string; by: string; verb: string; from: string; to: string; reason?: string; voided?: { by: string }[] };
export type ChangeView = Omit<Item, 'attributes'> & {
  attributes: Attributes;
  number: string;
  title: string;
  type: ChangeRow['type'];
  window: { start: string; end: string; padded_end: string; time_zone: string | null } | null;
  affects: (ItemRef & { state: string })[];
  follows: ItemRef[];
  requester: string;
  authors: string[];
  implementer: string | null;
  required: Required[];
  drift?: Drift;
  moves: string[];
};

export type AssessedService = {
  id: string;
  class: string;
  name: string;
  state: State;
  without_the_change: State;
  criticality?: number;
  users?: number;
  cost?: number;
  owner?: string;
  why?: { item: string; relationship: string; on: string; state: State }[];
  gates?: { group: string; state: State; lost?: string[] }[];
};
export type ScenarioFound = {
  services?: AssessedService[];
  services_count: number;
  items_by_state: Partial<Record<State, number>>;
  complete: boolean;
};
export type OnGraphs = { today?: ScenarioFound; proposed?: ScenarioFound };
export type Assessment = {
  position: number;
  as_of: string;
  during: OnGraphs;
  if_it_fails: OnGraphs;
  after: OnGraphs;
  surroundings?: { held?: Value[]; changes?: { number: string }[] };
  proposal?: {
    edits: number;
    refused?: { edit?: number; message?: string; reason?: string }[];
    touches?: ItemRef[];
    touches_count: number;
    redundancy?: { item: ItemRef; group: string; needed_before?: number; there_before?: number; needed: number; there: number }[];
  };
  reaches: number;
  risk: {
    level: Level;
    impact: string;
    impact_by?: string;
    probability: number;
    prior: number;
    comparable: { by: string; changes: number; failures: number };
    factors?: { name: string; odds: number; description: string; probability_without: number }[];
    cheapest_to_remove?: { name: string; remedy: string; probability: number; level: Level };
  };
};
export type AssessmentView = { number: string; of_plan: boolean; assessment: Assessment };

export type Conflict = {
  change: string;
  number: string;
  kind: string;
  reason: string;
  services: ServiceAtStake[];
  with: Participant[];
  start: string | null;
  end: string | null;
};
export type Conflicts = { change: string | null; number: string | null; complete: boolean; compared: number; conflicts: Conflict[]; unread: string[] };

export type AgendaItem = {
  id: string;
  number: string;
  title: string;
  type: ChangeRow['type'];
  status: string;
  start: string | null;
  end: string | null;
  requester: string;
  implementer: string | null;
  affects: string[];
  risk: Level | null;
  failure_probability: number | null;
  services: ServiceAtStake[];
  concerns: string[];
  collisions: Record<string, number>;
  to_decide: boolean;
};
export type CabPack = {
  position: number;
  from: string;
  to: string;
  summary: {
    changes: number;
    to_decide: number;
    joint_cuts: number;
    other_collisions: number;
    services_down: number;
    services_degraded: number;
    services_at_risk: number;
    open_outages: number;
  };
  collisions: { kind: string; title: string; count: number; conflicts: Conflict[] }[];
  agenda: AgendaItem[];
  joint_picture: (ServiceAtStake & { start: string; end: string; by: string[]; minutes: Partial<Record<State, number>> })[];
  calendar: (Participant & { occurrences: { start: string; end: string }[]; covers: number })[];
  emergencies: AgendaItem[];
  unread: string[];
};

/** Kinds of collision that no board should let pass unseen. */
export const GRAVE = new Set(['joint_cut', 'freeze', 'order']);

/** What happened to a change, in the order in which it did. */
export function journalOf(view: ChangeView): JournalEntry[] {
  const { journal } = view.attributes;
  return Array.isArray(journal) ? (journal as unknown as JournalEntry[]) : [];
}

/** The page of a change. */
export function changeLink(change: { id: string }): string {
  return link(find(`/changes/${change.id}`) ? `/changes/${change.id}` : `/ci/${change.id}`);
}

/** Not over yet, the next to begin first. */
export function ahead(changes: ChangeRow[], now = Date.now()): ChangeRow[] {
  const isAhead = (change: ChangeRow) => change.end !== null && Date.parse(change.end) >= now && !OVER.has(change.status);
  return changes.filter(isAhead).toSorted((a, b) => Date.parse(a.start!) - Date.parse(b.start!));
}

const OVER = new Set(['closed', 'cancelled', 'rejected', 'reviewed', 'implemented', 'backed_out']);
