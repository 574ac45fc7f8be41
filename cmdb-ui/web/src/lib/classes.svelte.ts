// The model: classes and relationship types, asked for once and again when an administrator has changed them.
import { get, url } from './api';
import type { Class, RelationshipType } from './types';
import type { IconName } from './icons';

let classes = $state.raw(new Map<string, Class>());
let types = $state.raw(new Map<string, RelationshipType>());
let asked: Promise<void> | null = null;

async function ask(): Promise<void> {
  const [c, t] = await Promise.all([
    get<{ classes: Class[] }>(url('/classes')),
    get<{ relationship_types: RelationshipType[] }>(url('/relationship-types')),
  ]);
  classes = new Map(c.data.classes.map((each) => [each.name, each]));
  types = new Map(t.data.relationship_types.map((each) => [each.name, each]));
}

/** Sees to it that the model is there; what reads it is drawn again when it arrives. */
export function loadModel(again = false): Promise<void> {
  if (again) asked = null;
  asked ??= ask().catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

export const model = {
  get classes() {
    return classes;
  },
  get types() {
    return types;
  },
};

/** What people call a class. */
export function className(name: string): string {
  return classes.get(name)?.label ?? spaced(name);
}

/** `VirtualMachine` as "Virtual machine", `depends_on` as "depends on". */
export function spaced(name: string): string {
  const words = name
    .replace(/_/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ');
  return words.map((word, at) => (at > 0 && /^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word)).join(' ');
}

// The nearest ancestor that has a picture gives a class its own.
const PICTURES: Record<string, IconName> = {
  Service: 'service',
  DataStore: 'database',
  ContainerWorkload: 'container',
  KubernetesCluster: 'container',
  Software: 'application',
  VirtualMachine: 'virtual',
  ComputeResource: 'server',
  StorageResource: 'storage',
  NetworkResource: 'network',
  NetworkDevice: 'network',
  Facility: 'building',
  Location: 'building',
  Party: 'person',
  Change: 'change',
  Record: 'record',
  Infrastructure: 'server',
};

export function classIcon(name: string): IconName {
  const known = classes.get(name);
  for (const each of [name, ...(known?.ancestors ?? [])]) {
    const icon = PICTURES[each];
    if (icon) return icon;
  }
  return 'item';
}

/** How a relationship type reads from the target's end. */
export function inverse(type: string): string {
  const known = types.get(type);
  return spaced(known?.inverse ?? type);
}
