package io.cybershield.sigma;

/** Something odd about a rule that loaded all the same; {@code line} as in {@link Refusal}. */
public record Warning(String file, int line, String problem) {}
