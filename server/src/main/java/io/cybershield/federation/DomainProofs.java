package io.cybershield.federation;

import io.cybershield.federation.DomainRecords.Unanswered;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Whose a name in the DNS is: shown by a TXT record that only its owner can write. */
@Component
public final class DomainProofs {
    private static final Scope PLATFORM = Scope.platform("federation");
    private static final String RECORD = "_cybershield.";
    private static final String PROOF = "cybershield-domain=";

    private final DomainRecords records;
    private final Transactions transactions;
    private final FederationStore store;

    DomainProofs(DomainRecords records, Transactions transactions, FederationStore store) {
        this.records = records;
        this.transactions = transactions;
        this.store = store;
    }

    /** The name in the one form that names are compared in; empty if it is none. */
    public static Optional<String> read(String typed) {
        return Domains.read(typed);
    }

    /** Where the record lies that proves the name. */
    public static String record(String name) {
        return RECORD + name;
    }

    /** What stands in it. */
    public static String text(String challenge) {
        return PROOF + challenge;
    }

    /**
     * Asks the DNS, which may take some seconds: call it outside of transactions.
     *
     * @throws ProblemException {@code domain-not-proved}, with what was found
     */
    public void check(String name, String challenge) {
        List<String> found;
        try {
            found = records.texts(record(name));
        } catch (Unanswered e) {
            throw FederationProblems.DOMAIN_NOT_PROVED.because(
                    e.getMessage() + " Try again in a few minutes.");
        }
        String wanted = text(challenge);
        if (found.stream().noneMatch(text -> text.strip().equals(wanted))) {
            throw FederationProblems.DOMAIN_NOT_PROVED.because(
                    found.isEmpty()
                            ? "There is no TXT record at "
                                    + record(name)
                                    + ". It can take an hour until a new one is seen."
                            : "The TXT record at " + record(name) + " has another text.");
        }
    }

    /**
     * @return {@code domain-taken}, to be thrown
     */
    public static ProblemException taken(String name) {
        return FederationProblems.DOMAIN_TAKEN.because(
                "Another company of this installation has proved '" + name + "'.");
    }

    /** Whether the company has proved the domain of that address as one of its own. */
    public boolean covers(TenantId company, String email) {
        return Domains.of(email)
                .filter(domain ->
                        transactions.callAs(PLATFORM, () -> store.hasProved(company, domain)))
                .isPresent();
    }
}
