// The rules: each a pattern of the query language that finds offenders `n`, and the set they are counted against.
import { quality as t } from '$/text/quality';

export type Group = keyof typeof t.groups;
export type Rule = {
  id: keyof typeof t.rules;
  group: Group;
  /** Finds the offenders, each as `n`. */
  match: string;
  /** Everything that the rule looks at. */
  all: string;
  /** What is said about an offender. */
  detail?: string;
};

const ITEMS = 'MATCH (n:ConfigurationItem)';
const HARDWARE = 'MATCH (n:Infrastructure) WHERE NOT n:VirtualMachine AND NOT n:HypervisorCluster AND NOT n:KubernetesCluster';

export const rules: Rule[] = [
  { id: 'owner', group: 'completeness', all: ITEMS, match: `${ITEMS} WHERE n.owner IS NULL AND NOT (n)-[:OWNED_BY]->()` },
  { id: 'criticality', group: 'completeness', all: 'MATCH (n:BusinessService)', match: 'MATCH (n:BusinessService) WHERE n.criticality IS NULL' },
  { id: 'environment', group: 'completeness', all: 'MATCH (n:ComputeResource)', match: 'MATCH (n:ComputeResource) WHERE n.environment IS NULL' },
  { id: 'serial', group: 'completeness', all: 'MATCH (n:Server)', match: 'MATCH (n:Server) WHERE n.serial_number IS NULL' },
  { id: 'location', group: 'completeness', all: HARDWARE, match: `${HARDWARE} AND n.location IS NULL AND NOT (n)-[:LOCATED_IN]->()` },
  { id: 'support', group: 'completeness', all: 'MATCH (n:BusinessService)', match: 'MATCH (n:BusinessService) WHERE n.support_group IS NULL AND NOT (n)-[:SUPPORTED_BY]->()' },
  {
    id: 'same_name',
    group: 'duplicates',
    all: ITEMS,
    match: `${ITEMS} WITH labels(n)[0] AS class, n.name AS name, collect(n) AS same WHERE name IS NOT NULL AND size(same) > 1 UNWIND same AS n WITH n, size(same) AS times`,
    detail: "toString(times) + ' times'",
  },
  {
    id: 'same_serial',
    group: 'duplicates',
    all: 'MATCH (n:Infrastructure)',
    match: 'MATCH (n:Infrastructure) WHERE n.serial_number IS NOT NULL WITH n.serial_number AS serial, collect(n) AS same WHERE size(same) > 1 UNWIND same AS n WITH n, serial',
    detail: 'serial',
  },
  { id: 'orphans', group: 'orphans', all: ITEMS, match: `${ITEMS} WHERE NOT (n)--()` },
  { id: 'bare_service', group: 'orphans', all: 'MATCH (n:BusinessService)', match: 'MATCH (n:BusinessService) WHERE NOT (n)-[:DEPENDS_ON]->()' },
  { id: 'placeholders', group: 'orphans', all: ITEMS, match: 'MATCH (n:Placeholder)' },
  {
    id: 'prod_on_test',
    group: 'links',
    all: "MATCH (n:ConfigurationItem {environment: 'production'})",
    match: "MATCH (n:ConfigurationItem {environment: 'production'})-[:DEPENDS_ON]->(b:ConfigurationItem) WHERE b.environment IN ['test', 'development', 'training'] WITH n, collect(b.name) AS others",
    detail: 'others[0]',
  },
  {
    id: 'live_on_retired',
    group: 'links',
    all: "MATCH (n:ConfigurationItem {status: 'operational'})",
    match: "MATCH (n:ConfigurationItem {status: 'operational'})-[:DEPENDS_ON]->(b:ConfigurationItem {status: 'retired'}) WITH n, collect(b.name) AS others",
    detail: 'others[0]',
  },
  { id: 'itself', group: 'links', all: ITEMS, match: 'MATCH (n:ConfigurationItem)-[:DEPENDS_ON]->(m) WHERE n = m WITH DISTINCT n' },
];

/** How many offend, and of how many. */
export function countQueries(rule: Rule): [string, string] {
  return [`${rule.match} RETURN count(DISTINCT n) AS found`, `${rule.all} RETURN count(n) AS looked_at`];
}

/** The offenders by class and name. */
export function listQuery(rule: Rule, limit: number): string {
  const detail = rule.detail ?? "''";
  return `${rule.match} RETURN elementId(n) AS id, labels(n)[0] AS class, n.name AS name, ${detail} AS detail ORDER BY class, name LIMIT ${limit}`;
}
