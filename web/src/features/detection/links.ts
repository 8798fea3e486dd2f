/** Whether a rule's reference may be a link: rules are other people's text, so only plain web addresses are. */
export function webAddress(text: string): boolean {
  try {
    const { protocol } = new URL(text);
    return protocol === 'https:' || protocol === 'http:';
  } catch {
    return false;
  }
}
