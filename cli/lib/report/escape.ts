const CHARACTERS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in HTML and in its attributes. */
export const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => CHARACTERS[character] ?? '');
