package io.cybershield.sigma;

/**
 * The text of one rule file.
 *
 * @param path where it came from, as people should read it in a refusal: the path inside the
 *     archive or folder, with forward slashes
 */
public record RuleSource(String path, String text) {}
