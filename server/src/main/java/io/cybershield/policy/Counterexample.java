package io.cybershield.policy;

/**
 * Something that policies would permit and never may.
 *
 * @param claim what it breaks
 * @param policy id of the policy that permits it
 * @param role of whoever could do it
 * @param words the case as a sentence
 */
public record Counterexample(Claim claim, String policy, String role, String action, String words) {

    /** What holds for the policies of every company. */
    public enum Claim {
        TENANTS_APART("Nothing is allowed across companies without a live delegation."),
        PROVIDERS_BOUNDED("Nobody does more in another company than a provider role allows."),
        PROVIDERS_ABROAD("A provider role counts in other companies only."),
        NO_SELF_APPROVAL("Nobody approves what they asked for."),
        AUDITORS_READ("Auditors never write."),
        ENDED_ROLES("A role that has ended permits nothing."),
        CLEARED("Nobody does anything to what is classified above their clearance.");

        private final String words;

        Claim(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }
}
