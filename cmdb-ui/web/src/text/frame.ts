// Texts of the frame and of what every screen shares. A screen's own texts are in a file of its own beside this one.
export const frame = {
  skip: 'Skip to content',
  main: 'Main',
  more: 'More',
  menu: 'Menu',
  search: 'Search or jump to…',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',
  trace: 'In the server’s log as',
  light: 'Use the light scheme',
  dark: 'Use the dark scheme',
  help: 'Keyboard shortcuts and help',
  signOut: 'Sign out',
  signedInAs: (name: string, role: string) => `Signed in as ${name} (${role})`,
  changePassword: 'Change password',
  currentPassword: 'Current password',
  passwordHint: 'The new one, at least 10 characters.',
  passwordChanged: 'Your password was changed; your other sessions are over',
  now: 'Now',
  asOf: 'As of',
  asOfTitle: 'Show the inventory as it was',
  asOfText: 'Every view answers for the moment you choose; edits are not possible meanwhile.',
  asOfMoment: 'Date and time',
  asOfBaseline: 'Baseline',
  asOfShow: 'Show this moment',
  asOfBar: 'You are looking at the past:',
  asOfBack: 'Back to now',
  noScreen: 'There is nothing under this address',
  noScreenText: 'It was not found, or you are not permitted to see it. Search for what you were looking for.',
  lazyFailed: 'this part of the page could not be loaded',
  dismiss: 'Dismiss',
} as const;

export const table = {
  next: 'Next row',
  previous: 'Previous row',
  mark: 'Mark the row',
  markAll: 'Mark all rows shown',
  markOne: (name: string) => `Mark ${name}`,
} as const;

export const palette = {
  title: 'Search and commands',
  input: 'Search items, or type a command',
  placeholder: 'Name, address, serial number… or > for commands, : for classes',
  recent: 'Recent',
  items: 'Items',
  commands: 'Commands',
  classes: 'Classes',
  none: (text: string) => `Nothing is called “${text}”`,
  noneHint: 'Part of a name is enough, and small typing errors are forgiven.',
  results: (n: number) => `${n} results`,
  impactOf: (name: string) => `Impact of ${name}`,
  goTo: (screen: string) => `Go to ${screen}`,
  footer: 'to choose · Ctrl Enter for its impact',
  matched: (attribute: string, value: string) => `${attribute}: ${value}`,
} as const;

export const help = {
  title: 'Keyboard shortcuts',
  off: 'Switch single-letter shortcuts off',
  sequence: 'one after the other',
  more: 'The same actions are in the menus; nothing needs the keyboard, and nothing needs the mouse.',
} as const;

export const screenTitles = {
  home: 'Home',
  inventory: 'Inventory',
  item: 'Item',
  impact: 'Impact',
  changes: 'Changes',
  change: 'Change',
  calendar: 'Change calendar',
  board: 'Change board',
  services: 'Services',
  service: 'Service',
  query: 'Query',
  import: 'Import',
  quality: 'Data quality',
  audit: 'Audit log',
  admin: 'Admin',
} as const;

export const signIn = {
  title: 'Sign in',
  user: 'User name',
  password: 'Password',
  go: 'Sign in',
  cookies:
    'You signed in, but the browser kept no session. Sessions need HTTPS (or this machine’s own address, 127.0.0.1).',
} as const;
