package io.cybershield.sigma;

import java.util.Map;

/**
 * What a rule detects.
 *
 * @param searches by identifier, in the order written
 * @param written the condition as written; several conditions are joined by {@code or}
 */
public record Detection(Map<String, Search> searches, Condition condition, String written) {}
