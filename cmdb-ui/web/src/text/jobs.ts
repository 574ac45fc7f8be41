// Texts of long work.
export const jobs = {
  working: 'Working…',
  of: (done: string, total: string) => `${done} of ${total}`,
  left: (seconds: number) => (seconds < 90 ? `about ${seconds} s left` : `about ${Math.round(seconds / 60)} min left`),
  cancel: 'Cancel',
} as const;
