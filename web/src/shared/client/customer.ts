const PLACE = /^\/in\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\/|$)/;

/** In which customer of a provider this tab works; its address says so. */
export const customerIn = (pathname: string): string | undefined => PLACE.exec(pathname)?.[1];

const customer = customerIn(window.location.pathname);
/** What every address of this tab begins with. */
export const basepath = customer ? `/in/${customer}` : '/';
export const placeOf = (id: string): string => `/in/${id}/`;

/** One's own business is at home, wherever one works. */
const HOME = /^\/(account\/|look$|sign-out|provider\/|providers)/;

/** The header that names the customer; the server looks up with each request whether that is a right. */
export const customerHeader = (path: string): Record<string, string> =>
  customer && !HOME.test(path) ? { 'X-Customer': customer } : {};

/** For what cannot have headers: a socket, or a link to a file. */
export const inCustomer = (url: string): string =>
  customer ? `${url}${url.includes('?') ? '&' : '?'}in-customer=${customer}` : url;

/** The customer is no customer any more: there is nothing to be seen here. */
export function leaveCustomer() {
  window.location.replace('/customers?gone=true');
}
export const worksInCustomer = customer !== undefined;
