// Who is at the page, and what they may do. What is offered follows this; the server decides again, each time.
import { get, send, signedOut } from './api';
import type { Session } from './types';

const NOBODY: Session = { principal: null, role: null, rights: [], kind: 'none' };

let now = $state.raw<Session>(NOBODY);
let known = $state(false);

export const session = {
  get principal() {
    return now.principal;
  },
  get role() {
    return now.role;
  },
  /** `local`, `session`, `token`, or `none`: somebody has to sign in. */
  get kind() {
    return now.kind;
  },
  /** Whether the server has been asked. */
  get known() {
    return known;
  },
  may(right: string): boolean {
    return now.rights.includes(right);
  },
};

export async function loadSession(): Promise<void> {
  now = (await get<Session>('/api/v1/session')).data;
  // A browser sends no strict cookie with a link from elsewhere; with the page's own request it does.
  if (now.kind === 'none') now = (await get<Session>('/api/v1/session')).data;
  known = true;
}

export async function signIn(user: string, password: string): Promise<void> {
  await send<Session>('POST', '/api/v1/session', { user, password });
  await loadSession();
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/api/v1/session');
  now = NOBODY;
}

signedOut.tell = () => {
  now = NOBODY;
};
