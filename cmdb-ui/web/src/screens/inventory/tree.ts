// The class tree with counts: each class with the items of itself and of all below.
import type { Class } from '$/lib/types';

export type Branch = { name: string; depth: number; total: number; children: Branch[] };

/** Branches that hold anything, biggest first; `root`s are the classes without a parent. */
export function tree(classes: Class[]): Branch[] {
  const children = new Map<string | null, Class[]>();
  for (const each of classes) {
    const siblings = children.get(each.parent) ?? [];
    siblings.push(each);
    children.set(each.parent, siblings);
  }
  const grow = (parent: string | null, depth: number): Branch[] =>
    (children.get(parent) ?? [])
      .map((each) => {
        const below = grow(each.name, depth + 1);
        const total = (each.items ?? 0) + below.reduce((sum, branch) => sum + branch.total, 0);
        return { name: each.name, depth, total, children: below };
      })
      .filter((branch) => branch.total > 0)
      .sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  return grow(null, 0);
}

/** The branches that are shown: all roots, and what is below the opened ones. */
export function visible(branches: Branch[], opened: Set<string>): Branch[] {
  return branches.flatMap((branch) => [branch, ...(opened.has(branch.name) ? visible(branch.children, opened) : [])]);
}
