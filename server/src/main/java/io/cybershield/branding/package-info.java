/**
 * How the product looks to a company's people: name, logo, accent, the sender of its mails, and the
 * hosts under which that is shown before anybody signs in.
 *
 * <p>Owns whose label wins. Decides looks only: never who somebody is, what they may do, or where a
 * link leads.
 */
@NullMarked
package io.cybershield.branding;

import org.jspecify.annotations.NullMarked;
