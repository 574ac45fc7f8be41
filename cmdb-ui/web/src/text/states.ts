// Words for states and criticality; everywhere the same.
export const states = {
  down: 'Down',
  degraded: 'Degraded',
  at_risk: 'At risk',
  protected: 'Protected',
  up: 'Unaffected',
} as const;

export const criticality: Record<number, string> = { 1: 'Critical', 2: 'High', 3: 'Medium', 4: 'Low', 5: 'Minimal' };
