/** How a company begins: the platform's own workflow from a registration to a working tenant. */
@NullMarked
package io.cybershield.onboarding;

import org.jspecify.annotations.NullMarked;
