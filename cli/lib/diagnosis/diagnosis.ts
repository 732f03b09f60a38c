/** What the doctor says about one thing. */
export interface Diagnosis {
  readonly what: string;
  /** `missing` stops the demo; `note` does not, and is good to know. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly detail: string;
  /** The exact command that fixes it. */
  readonly fix?: string;
}

export const ok = (what: string, detail: string): Diagnosis => ({ what, state: 'ok', detail });
export const note = (what: string, detail: string, fix?: string): Diagnosis => ({
  what,
  state: 'note',
  detail,
  ...(fix === undefined ? {} : { fix }),
});
export const missing = (what: string, detail: string, fix: string): Diagnosis => ({
  what,
  state: 'missing',
  detail,
  fix,
});
