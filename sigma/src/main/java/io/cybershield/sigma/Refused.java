package io.cybershield.sigma;

/** Carries a refusal out of the depths of reading a rule; never leaves the package. */
final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    final transient Refusal.Reason reason;
    final int line;
    final String mend;

    Refused(Refusal.Reason reason, int line, String problem, String mend) {
        super(problem, null, false, false);
        this.reason = reason;
        this.line = line;
        this.mend = mend;
    }

    Refusal in(String file) {
        return new Refusal(file, line, reason, String.valueOf(getMessage()), mend);
    }
}
