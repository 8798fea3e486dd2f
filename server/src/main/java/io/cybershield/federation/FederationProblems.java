package io.cybershield.federation;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong between us and a company's provider. */
final class FederationProblems {
    static final Problem REFUSED =
            Problem.define(
                    "provider-sign-in-refused",
                    "The sign-in through your company's provider did not work",
                    403,
                    Category.CALLER,
                    "'detail' says why. An administrator finds the reference that it ends with in"
                            + " the audit trail.");
    static final Problem GONE =
            Problem.define(
                    "provider-sign-in-gone",
                    "This sign-in is over, or was begun in another browser",
                    410,
                    Category.CALLER,
                    "A sign-in through a company's provider is good once, for ten minutes, in the"
                            + " browser that began it. Begin again at the sign-in page.");
    static final Problem UNREACHABLE =
            Problem.define(
                    "provider-unreachable",
                    "The company's provider does not answer as it should",
                    502,
                    Category.OUTSIDE,
                    "'detail' says what is wrong with its answer. Try again; if it stays so, an"
                            + " administrator finds the reference in the audit trail.");
    static final Problem NO_PROVIDER =
            Problem.define(
                    "no-provider",
                    "There is no provider for this domain",
                    404,
                    Category.CALLER,
                    "No company has set one up for the domain of this address, or it is switched"
                            + " off. Sign in with your password or passkey.");
    static final Problem CHANGED =
            Problem.define(
                    "provider-changed",
                    "Somebody else changed the provider",
                    409,
                    Category.CONFLICT,
                    "Read it again and repeat your change with its present 'revision'.");
    static final Problem DOMAIN_TAKEN =
            Problem.define(
                    "domain-taken",
                    "Another company has proved this domain",
                    409,
                    Category.CONFLICT,
                    "A domain belongs to one company. If it is yours now, the other one, or the"
                            + " operator of this installation, must remove it there.");
    static final Problem DOMAIN_NOT_PROVED =
            Problem.define(
                    "domain-not-proved",
                    "The domain's DNS does not show the proof",
                    422,
                    Category.CALLER,
                    "Put the TXT record that the settings show into the domain's DNS, wait until it"
                            + " is published, and ask again. 'detail' says what was found.");

    private FederationProblems() {}
}
