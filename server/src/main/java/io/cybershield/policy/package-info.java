/**
 * Policies in the Cedar language: read, held against the schema, decided by, proven.
 *
 * <p>Knows no accounts, no database and no framework; who asks and whose policies they are is the
 * business of {@code access}.
 */
@NullMarked
package io.cybershield.policy;

import org.jspecify.annotations.NullMarked;
