package io.cybershield.platform;

/**
 * Which of a tenant's marked machines a scope does not see, and with them their events, findings
 * and incidents. The database leaves those rows out of whatever is read; whoever works for the
 * product and not for a person sees all.
 *
 * @param hidden as {@code platform.hidden_hosts} reads it: {@code event=20,21;incident=20;}, codes
 *     of marks by what is read; empty for none, {@code *} for every mark there is
 */
public record Sight(String hidden) {
    public static final Sight ALL = new Sight("");

    /** Only machines without a mark. */
    public static final Sight UNMARKED = new Sight("*");
}
