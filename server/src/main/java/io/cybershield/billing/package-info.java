/**
 * What a tenant is subscribed to, what it uses of it, and what it owes.
 *
 * <p>Owns plans, subscriptions, usage, limits and invoices. Other contexts ask for room through
 * {@link io.cybershield.platform.Quotas} and do not know this one. It says how long events are
 * kept, through {@link io.cybershield.platform.Retention}, and announces what is shorter than
 * before; who stores them removes them. Where billing is off, which is so unless an operator says
 * otherwise, nothing is limited and nothing is counted here.
 */
@NullMarked
package io.cybershield.billing;

import org.jspecify.annotations.NullMarked;
