package io.cybershield.lookout;

import io.cybershield.detection.Severity;
import java.util.List;

/**
 * Why something stands out.
 *
 * @param words whole sentences
 */
record Reason(Kind kind, String words) {
    /** Later ones are graver where severities are equal. */
    enum Kind {
        NEW_PLACE(
                "new-device-and-country",
                "Sign-in from a new device in a new country",
                Severity.MEDIUM,
                "attack.t1078"),
        RECOVERY_CODE(
                "recovery-code-on-new-device",
                "Recovery code used from a new device",
                Severity.MEDIUM,
                "attack.t1078"),
        PROGRAM(
                "program-in-new-country",
                "API key or token used from a new country",
                Severity.MEDIUM,
                "attack.t1078"),
        SPRAYING(
                "one-network-many-accounts",
                "One network tries many accounts",
                Severity.MEDIUM,
                "attack.t1110.003"),
        TRAVEL(
                "impossible-travel",
                "Two sign-ins farther apart than anybody travels",
                Severity.HIGH,
                "attack.t1078"),
        GUESSED(
                "failures-then-success",
                "Sign-in from a new device after many failures",
                Severity.HIGH,
                "attack.t1110.001",
                "attack.t1078"),
        SPRAYED(
                "success-after-spraying",
                "Sign-in from a network that tried many accounts",
                Severity.HIGH,
                "attack.t1110.003",
                "attack.t1078"),
        NOT_MINE(
                "not-mine",
                "A person says that a sign-in was not theirs",
                Severity.HIGH,
                "attack.t1078");

        private final String wire;
        private final String title;
        private final Severity severity;
        private final List<String> tags;

        Kind(String wire, String title, Severity severity, String... tags) {
            this.wire = wire;
            this.title = title;
            this.severity = severity;
            this.tags = List.of(tags);
        }

        String wire() {
            return wire;
        }

        /** What stands where findings of rules have their rule. */
        String ruleId() {
            return "cybershield-sign-in-" + wire;
        }

        String title() {
            return title;
        }

        Severity severity() {
            return severity;
        }

        List<String> tags() {
            return tags;
        }
    }
}
