// Texts about who says what: sources, their trust, freshness, and what was observed.
import { count } from '$/lib/format';

export const sources = {
  title: 'Sources',
  about: 'Who says what of this item, since when, and how far they are believed.',
  source: 'Source',
  /** What a rule makes has a source of its own. */
  called: (source: string) => source.replace(/^derived:/, 'rule '),
  kind: 'Kind',
  kinds: { observed: 'observes what is', declared: 'declares what should be' },
  trust: 'Trust',
  firstSeen: 'First stated',
  lastSeen: 'Last seen',
  until: (time: string) => `perhaps seen until ${time}`,
  import: 'Import',
  attribute: 'Attribute',
  since: 'Says so since',
  relationship: 'Relationship',
  values: 'Where each value comes from',
  links: 'Who knows its relationships',
  linksSome: (n: string, all: string) => `The first ${n} of ${all}.`,
  stale: (days: number) => `Not seen for more than ${count(days, 'day')}: it may be gone.`,
  fresh: (days: number) => `Stale after ${count(days, 'day')} without being seen.`,
  never: 'Items of this class never become stale.',
} as const;

export const trust = {
  title: 'Sources and trust',
  about:
    'How far each source is believed, from 0 to 1. It decides nothing by itself: it is said beside each value and each dependency. What nobody sets follows from the formats of the source’s files.',
  items: 'Items named',
  relationships: 'Relationships named',
  lastRun: 'Newest run',
  set: 'set here',
  change: (name: string) => `Change what is believed of ${name}`,
  confidence: 'Trust, 0 to 1',
  follow: 'Back to what follows from its files',
  save: 'Save',
  saved: (name: string) => `What is believed of ${name} was changed`,
  none: 'No source has named anything yet',
  noneText: 'Every import is a source: it is listed here once it has run.',
} as const;

export const freshness = {
  title: 'Freshness',
  stale: (n: string, all: string) => `${n} of ${all} items were not seen for too long`,
  longest: 'Not seen for longest',
  item: 'Item',
  age: 'Unseen for',
  days: (n: number) => count(n, 'day'),
  after: 'Stale after',
  byClass: 'By class',
  allClasses: 'All classes',
  allSources: 'Any source',
  lastBy: 'Last seen by',
  older: 'Other age, days',
  good: 'Everything was seen in time',
  goodText: 'No live item has gone unseen for longer than the rules of its class allow.',
  rules: 'Rules',
  byDefault: (n: number) => `Configuration items are stale after ${count(n, 'day')}; a rule of a class holds for its subclasses, too, and the nearest counts.`,
  never: 'never',
  setRule: 'Set a rule',
  takeBack: (name: string) => `Take back the rule of ${name}`,
  class: 'Class',
  daysLabel: 'Days; empty for never',
  save: 'Save',
  saved: 'The rule holds from now on',
} as const;

export const observed = {
  title: 'Seen in traffic',
  coverage: 'of the observed dependencies are declared, too',
  undeclared: 'Seen, not in the CMDB',
  unobserved: 'In the CMDB, never seen',
  outOfSight: (n: string) => `${n} declared dependencies lie where no observing source looks.`,
  observing: (names: string) => `Observing: ${names}.`,
  from: 'From',
  to: 'To',
  type: 'Relationship',
  knownBy: 'Known by',
  noneObserving: 'No source observes yet',
  noneObservingText:
    'Import what your network sees: traces of OpenTelemetry, LLDP, nmap, osquery. Or say of a source that it observes, under “Sources and trust”.',
  agree: 'The two agree here',
  agreeText: 'There is no such dependency.',
} as const;
