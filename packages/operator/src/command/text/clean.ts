/** What a terminal acts upon, or what makes one line look like another: controls, ends of lines, and turns of direction. */
const acting = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Makes a text that came from elsewhere harmless in a terminal: what it would act upon is written out. */
export const clean = (text: string): string =>
  text.replaceAll(acting, (each) => `\\u${(each.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
