// Short messages at the lower edge: what was done, with a way back where there is one.
export type Notice = { id: number; text: string; action?: { label: string; run: () => void } };

const SHOWN_MS = 8000;

let notices = $state.raw<Notice[]>([]);
let last = 0;

export const noticeboard = {
  get all() {
    return notices;
  },
  drop(id: number): void {
    notices = notices.filter((notice) => notice.id !== id);
  },
};

/** Says something; with an action it stays until it is closed (nobody should have to hurry). */
export function say(text: string, action?: Notice['action']): void {
  const id = (last += 1);
  notices = [...notices.slice(-2), { id, text, action }];
  if (!action) setTimeout(() => noticeboard.drop(id), SHOWN_MS);
}
