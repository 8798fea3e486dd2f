/**
 * Looks out for sign-ins that stand out: tells the company by a finding, and the person by mail.
 *
 * <p>Owns what is remembered of how people and programs come in, and the file of places. Told by
 * {@code access} who came; raises findings through {@code detection}. Never keeps anybody out.
 */
@NullMarked
package io.cybershield.lookout;

import org.jspecify.annotations.NullMarked;
