// Drawn subgraphs as the API answers them (`/impact/drawing`, `/items/{ref}/neighbourhood`); lengths are pixels.
import type { Gate, Impact, ItemRef, Reason, State } from './types';

/** States of a drawing; what redundancy keeps up is drawn, too. */
export type Drawn = 'down' | 'degraded' | 'at_risk' | 'protected';
export const DRAWN: Drawn[] = ['down', 'degraded', 'at_risk', 'protected'];

export type Box = {
  id: string;
  kind: 'item' | 'group' | 'rest';
  column: number;
  x: number;
  y: number;
  width: number;
  height: number;
  root: boolean;
  open: boolean;
  label: string;
  class?: string;
  class_label?: string;
  criticality?: number;
  count: number;
  state?: Drawn;
  states: Partial<Record<Drawn, number>>;
  gates?: { x: number; y: number; width: number; height: number; gate: Gate }[];
  inner: number;
};
export type Link = {
  from: number;
  to: number;
  gate?: number;
  relationships: number;
  state?: State;
  soft: boolean;
  path: string;
};
export type Column = { x: number; width: number; from_step: number; to_step: number; items: number; classes: string[] };
export type Drawing = { width: number; height: number; columns: Column[]; boxes: Box[]; links: Link[] };

export type Row = ItemRef & {
  state?: Drawn;
  depth: number;
  box: string;
  criticality?: number;
  site?: string;
  owner?: string;
  environment?: string;
  because?: { relationship: string; on: ItemRef; state: State; rule?: string };
};
export type DrawnSubgraph = {
  position: number;
  complete: boolean;
  roots: (ItemRef & { state: State; planned?: boolean })[];
  summary: {
    items: number;
    by_state: Partial<Record<Drawn, number>>;
    by_class: Record<string, number>;
    services: Impact['summary']['services'];
    services_count: number;
    steps: number;
    boxes: number;
    groups: number;
    left_out: number;
    hidden_links: number;
    hidden_relationships: number;
    group_by: string[];
  };
  drawing: Drawing;
  limits: { kind: 'depth' | 'boxes' | 'grouping'; limit: number; message: string }[];
  blind_spots: Impact['blind_spots'];
  table: { rows: Row[]; count: number; next_cursor: string | null };
  elapsed_us: number;
};

export type Hop = { source: ItemRef; relationship: string; target: ItemRef };
export type Why = {
  target: ItemRef;
  state: State;
  protected: boolean;
  depth: number;
  after_minutes: number;
  why: Reason[];
  gates: Gate[];
  lost: { item: ItemRef; state: State; why: Reason[] }[];
  path: Hop[];
};

export type Comparison = {
  first: { roots: DrawnSubgraph['roots']; summary: Impact['summary'] };
  second: { roots: DrawnSubgraph['roots']; summary: Impact['summary'] };
  shifts: { first: State; second: State; count: number }[];
  rows: (ItemRef & { first: State; second: State; criticality?: number })[];
  count: number;
  next_cursor: string | null;
};
