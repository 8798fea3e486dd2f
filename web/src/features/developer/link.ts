/**
 * The path of a link when it leads into this product, else null. The host may differ (the server writes its own idea of
 * its address), so only the path is used; what matters is that nothing but http(s) ever becomes a link.
 */
export function localPath(link: string, origin: string): string | null {
  try {
    const url = new URL(link, origin);
    const known =
      /^\/(verify|invitation|account|approvals|incidents|runs|sign-in|forgot-password|reset-password|reset-factor)(\/|$)/.test(
        url.pathname,
      );
    const local = url.origin === origin || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    return /^https?:$/.test(url.protocol) && known && local ? url.pathname + url.search + url.hash : null;
  } catch {
    return null;
  }
}
