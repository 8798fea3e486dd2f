package io.cybershield.access;

import io.cybershield.access.PolicyStore.Own;
import io.cybershield.access.PolicyStore.Version;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Circumstances;
import io.cybershield.policy.Proof;
import io.cybershield.policy.Rules;
import io.cybershield.policy.Subject;
import io.cybershield.policy.Thing;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures decisions and proofs; {@code bench/policy} runs it. One thread, nothing else in the process; each figure after a
 * warm-up of as many again.
 */
public final class PolicySpeed {
    private static final TenantId TENANT = new TenantId(new UUID(1, 1));
    private static final int ASKED = 5000;

    private interface Work {
        void once(int i) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        System.out.printf(
                Locale.ROOT,
                "load average before %.1f%n%n| | p50 | p99 |%n|---|---|---|%n",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        for (int own : new int[] {0, 20, 100}) {
            var rules = new Own(1, List.of(), new Version(1, text(own), new UUID(0, 1), "Ada", Instant.EPOCH));
            var policy = new Policy("/access/roles.cedar", Runnable::run, _ -> rules, Clock.systemUTC());
            var all = policy.with(rules);
            var parsed = Rules.of(all);
            var now = Circumstances.at(Instant.now(), 60, "192.0.2.7");
            print(
                    all.size() + " policies, decided",
                    ASKED,
                    i -> parsed.decide(
                            new Subject(new UUID(2, i), TENANT, "responder", 0, false),
                            "incident:read",
                            Thing.companyOf(TENANT),
                            now));
            var person = new SignedIn(TENANT, new UUID(2, 2), "Ann", "ann@example.org", "responder", Set.of());
            print(all.size() + " policies, remembered", ASKED, _ -> policy.permits(person, "incident:read", TENANT));
            var proof = new Proof();
            var roles = Role.BUILT_IN.stream().map(Role::wire).toList();
            print(all.size() + " policies, proven", 20, _ -> proof.refute(all, Policy.ACTIONS, roles));
        }
    }

    private static void print(String what, int times, Work work) throws Exception {
        long[] nanos = new long[times];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < times; i++) {
                long begun = System.nanoTime();
                work.once(i);
                nanos[i] = System.nanoTime() - begun;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.1f us | %.1f us |%n",
                what,
                nanos[times / 2] / 1e3,
                nanos[times - 1 - times / 100] / 1e3);
    }

    private static String text(int policies) {
        return IntStream.range(0, policies)
                .mapToObj(i -> "permit (principal in Role::\"r" + i + "\", action in [Action::\"incident:read\","
                        + " Action::\"incident:write\"], resource) when { context.network like \"10." + i
                        + ".*\" || principal.clearance > 1 };\n")
                .collect(Collectors.joining());
    }
}
