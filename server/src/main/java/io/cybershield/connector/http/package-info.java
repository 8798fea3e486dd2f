/**
 * HTTP requests to addresses that a guard lets through.
 *
 * <p>Never reaches loopback, private or link-local addresses unless an operator allows the very
 * host and port.
 */
@NullMarked
package io.cybershield.connector.http;

import org.jspecify.annotations.NullMarked;
