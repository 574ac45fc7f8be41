// The query language for the editor: what is coloured, and what is offered while typing.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage, type StreamParser } from '@codemirror/language';
import { model } from '$/lib/classes.svelte';

const KEYWORDS =
  'MATCH OPTIONAL WHERE RETURN WITH UNWIND ORDER BY SKIP LIMIT ASC DESC DISTINCT AS AND OR XOR NOT IN IS NULL STARTS ENDS CONTAINS CASE WHEN THEN ELSE END CREATE MERGE SET DELETE DETACH REMOVE ON CALL YIELD UNION ALL EXISTS COUNT COLLECT EXPLAIN PROFILE SHOW FOREACH TRUE FALSE'.split(' ');
const FUNCTIONS =
  'count sum avg min max collect labels type properties keys nodes relationships length head last tail range reverse size toUpper toLower trim replace split substring coalesce toInteger toFloat toString exists isEmpty date datetime duration'.split(' ');
const PROCEDURES = [
  'cmdb.impact', 'cmdb.dependents', 'cmdb.dependencies', 'cmdb.path', 'cmdb.cycles', 'cmdb.ranking', 'cmdb.history',
  'cmdb.diff', 'cmdb.stale', 'cmdb.orphans', 'db.labels', 'db.relationshipTypes', 'db.propertyKeys',
];
const words = new Set(KEYWORDS);

const parser: StreamParser<{ comment: boolean }> = {
  name: 'cypher',
  startState: () => ({ comment: false }),
  token(stream, state) {
    if (state.comment || stream.match('/*')) {
      state.comment = !stream.match(/^.*?\*\//);
      if (state.comment) stream.skipToEnd();
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^'(?:[^'\\]|\\.)*'?/) || stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/^`[^`]*`?/)) return 'variableName';
    if (stream.match(/^\$\w+/)) return 'atom';
    if (stream.match(/^\d+(\.\d+)?/)) return 'number';
    if (stream.match(/^:\s*[A-Za-z_]\w*/)) return 'typeName';
    const word = stream.match(/^[A-Za-z_][\w.]*/) as RegExpMatchArray | null;
    if (word) {
      if (words.has(word[0].toUpperCase())) return 'keyword';
      return /^\s*\(/.test(stream.string.slice(stream.pos)) ? 'propertyName' : 'variableName';
    }
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', "'", '"'] } },
};

export const cypher = StreamLanguage.define(parser);

const plain = (label: string, type: string, detail?: string): Completion => ({ label, type, detail });

function attributes(): Completion[] {
  const known = new Map<string, string>([['name', 'text']]);
  for (const each of model.classes.values()) for (const a of each.attributes) known.set(a.name, a.unit ?? a.type);
  return [...known].map(([name, detail]) => plain(name, 'property', detail));
}

/** Classes after a colon, relationship types after one in brackets, attributes after a dot, else words. */
export function complete(context: CompletionContext): CompletionResult | null {
  const before = context.state.sliceDoc(Math.max(0, context.pos - 200), context.pos);
  const word = /\w*$/.exec(before)![0];
  const from = context.pos - word.length;
  const ahead = before.slice(0, before.length - word.length);
  if (/\[[^\]]*[:|]\s*!?$/.test(ahead)) {
    const types = [...model.types.values()].map((t) => plain(t.name.toUpperCase(), 'type', t.description));
    return { from, options: types, validFor: /^\w*$/ };
  }
  if (/[:&|]\s*!?$/.test(ahead) && /\([^()]*$/.test(ahead)) {
    const classes = [...model.classes.values()].map((c) => plain(c.name, 'class', c.label ?? undefined));
    return { from, options: classes, validFor: /^\w*$/ };
  }
  const call = /\bCALL\s+([\w.]*)$/i.exec(before);
  if (call) {
    return { from: context.pos - call[1]!.length, options: PROCEDURES.map((p) => plain(p, 'function')), validFor: /^[\w.]*$/ };
  }
  if (/\w\.$/.test(ahead) || /[{,]\s*$/.test(ahead) && /\{[^}]*$/.test(ahead)) {
    return { from, options: attributes(), validFor: /^\w*$/ };
  }
  if (!word && !context.explicit) return null;
  const options = [...KEYWORDS.map((k) => plain(k, 'keyword')), ...FUNCTIONS.map((f) => plain(f, 'function'))];
  return { from, options, validFor: /^\w*$/ };
}
