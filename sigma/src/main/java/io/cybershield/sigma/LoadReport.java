package io.cybershield.sigma;

import java.util.List;

/**
 * What became of every file: {@code loadedFiles() + refusedFiles() == files()}. A file of several
 * documents loads whole or is refused whole.
 *
 * @param files how many were given
 * @param rules in the order read, filters already put into them
 * @param correlations in the order read; all that they refer to is loaded too
 * @param filters those that apply to a loaded rule or to any
 * @param refused one or more for each refused file
 */
public record LoadReport(
        int files,
        List<SigmaRule> rules,
        List<CorrelationRule> correlations,
        List<FilterRule> filters,
        List<Refusal> refused,
        List<Warning> warnings) {

    public int loadedFiles() {
        return files - refusedFiles();
    }

    public int refusedFiles() {
        return (int) refused.stream().map(Refusal::file).distinct().count();
    }
}
