package io.cybershield.policy;

/**
 * What is wrong with a text of policies, and where.
 *
 * @param line counted from 1, as columns are
 * @param endColumn just after the last character
 * @param mend what to do; empty if nobody knows
 */
public record Finding(
        int line, int column, int endLine, int endColumn, String message, String mend) {}
