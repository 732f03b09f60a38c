const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const ORDINALS = ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth'];

/** A small number as people write it in a sentence. */
export function word(count: number): string {
  return WORDS[count] ?? String(count);
}

export function ordinal(count: number): string {
  return ORDINALS[count] ?? 'further';
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
