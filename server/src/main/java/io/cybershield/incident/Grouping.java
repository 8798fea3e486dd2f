package io.cybershield.incident;

import io.cybershield.detection.Finding;
import io.cybershield.detection.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which findings belong together and how grave they are: decided from the findings alone, by the
 * time at which things happened, so that deciding again decides the same.
 */
final class Grouping {
    /** Findings of one host that lie no further apart belong to one incident. */
    static final Duration WINDOW = Duration.ofMinutes(30);

    /** One rule's share in an incident. */
    record Share(String ruleId, String title, Severity severity, long findings) {}

    /** Findings of one host without a gap longer than the window. */
    record Cluster(String hostKey, List<Finding> findings) {
        Instant first() {
            return findings.getFirst().occurredAt();
        }

        Instant last() {
            return findings.getLast().occurredAt();
        }

        Severity severity() {
            return findings.stream()
                    .map(Finding::severity)
                    .max(Comparator.naturalOrder())
                    .orElse(Severity.INFO);
        }

        /** What is merely informative joins an incident but never opens one. */
        boolean opens() {
            return severity() != Severity.INFO;
        }
    }

    private Grouping() {}

    /** In the order of hosts and time. */
    static List<Cluster> clusters(List<Finding> findings) {
        Map<String, List<Finding>> byHost = new LinkedHashMap<>();
        for (Finding finding : findings) {
            byHost.computeIfAbsent(hostKey(finding.host()), _ -> new ArrayList<>()).add(finding);
        }
        var clusters = new ArrayList<Cluster>();
        byHost.keySet().stream()
                .sorted()
                .forEach(host -> {
                    List<Finding> sorted = new ArrayList<>(byHost.getOrDefault(host, List.of()));
                    sorted.sort(
                            Comparator.comparing(Finding::occurredAt).thenComparing(Finding::id));
                    int start = 0;
                    for (int i = 1; i <= sorted.size(); i++) {
                        if (i == sorted.size()
                                || sorted.get(i)
                                        .occurredAt()
                                        .isAfter(sorted.get(i - 1).occurredAt().plus(WINDOW))) {
                            clusters.add(new Cluster(host, List.copyOf(sorted.subList(start, i))));
                            start = i;
                        }
                    }
                });
        return clusters;
    }

    /** Findings without a host share one key. */
    static String hostKey(@Nullable String host) {
        return host == null ? "" : host.toLowerCase(Locale.ROOT);
    }

    /**
     * 0..100: the gravest severity counts most; every further rule and tactic adds, as an attack
     * that goes on shows more of both.
     */
    static int risk(Collection<Share> shares, Collection<String> tags) {
        Severity worst =
                shares.stream()
                        .map(Share::severity)
                        .max(Comparator.naturalOrder())
                        .orElse(Severity.INFO);
        int base =
                switch (worst) {
                    case INFO -> 5;
                    case LOW -> 20;
                    case MEDIUM -> 45;
                    case HIGH -> 70;
                    case CRITICAL -> 88;
                };
        long rules = shares.stream().filter(s -> s.severity() != Severity.INFO).count();
        int more = (int) Math.min(9, 3 * Math.max(0, rules - 1));
        int tactics = Math.min(12, 4 * Math.max(0, Attack.tactics(tags).size() - 1));
        return Math.min(100, base + more + tactics);
    }

    /** The gravest rule's title, and where; more rules are counted. */
    static String title(Collection<Share> shares, @Nullable String host) {
        Share lead =
                shares.stream()
                        .max(
                                Comparator.comparing(Share::severity)
                                        .thenComparing(Share::findings)
                                        .thenComparing(Share::ruleId, Comparator.reverseOrder()))
                        .orElseThrow();
        return lead.title() + (host == null ? "" : " on " + host);
    }

    static String summary(Collection<Share> shares, @Nullable String host, Set<String> users) {
        long findings = shares.stream().mapToLong(Share::findings).sum();
        var text = new StringBuilder();
        text.append(findings)
                .append(findings == 1 ? " finding of " : " findings of ")
                .append(shares.size())
                .append(shares.size() == 1 ? " rule" : " rules")
                .append(host == null ? "" : " on " + host)
                .append(". ");
        shares.stream()
                .sorted(
                        Comparator.comparing(Share::severity, Comparator.reverseOrder())
                                .thenComparing(Share::ruleId))
                .limit(5)
                .forEach(s ->
                        text.append(s.title())
                                .append(" (")
                                .append(s.severity().wire())
                                .append(", ")
                                .append(s.findings())
                                .append("×). "));
        if (!users.isEmpty()) {
            text.append("Accounts: ")
                    .append(String.join(", ", users.stream().limit(10).toList()))
                    .append('.');
        }
        return text.toString().strip();
    }

    static Set<String> tags(Collection<String> before, List<Finding> findings) {
        Set<String> tags = new TreeSet<>(before);
        findings.forEach(f -> tags.addAll(f.tags()));
        return tags;
    }
}
