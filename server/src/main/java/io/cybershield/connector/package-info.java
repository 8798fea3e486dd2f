/**
 * Links to outside products: one interface, one sub-package per product.
 *
 * <p>Acts when told and says what came of it; never decides whether to act.
 */
@NullMarked
package io.cybershield.connector;

import org.jspecify.annotations.NullMarked;
