package io.cybershield.platform;

import io.cybershield.platform.Problem.Category;

/** What {@link Quotas} refuses. */
public final class QuotaProblems {
    public static final Problem USERS =
            Problem.define(
                    "plan-users-used-up",
                    "The plan's users are used up",
                    409,
                    Category.CALLER,
                    "Active people and open invitations count. Disable somebody, withdraw an"
                            + " invitation, or choose a larger plan under Settings, Plan and"
                            + " usage.");
    public static final Problem EVENTS =
            Problem.define(
                    "plan-events-used-up",
                    "The plan's events of the day are used up",
                    429,
                    Category.CAPACITY,
                    "None of the records was taken. Keep them and repeat after the seconds that"
                            + " Retry-After names, when the next day begins (UTC), or choose a"
                            + " larger plan under Settings, Plan and usage.");

    /** Not 429: a sender that waits for weeks and repeats helps nobody. */
    public static final Problem RUNS =
            Problem.define(
                    "plan-runs-used-up",
                    "The plan's workflow runs of the month are used up",
                    409,
                    Category.CALLER,
                    "Nothing was started; runs that began go on. Choose a larger plan under"
                            + " Settings, Plan and usage, or wait for the next month (UTC).");

    private QuotaProblems() {}
}
