package io.cybershield.provider;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong between providers and customers. */
final class ProviderProblems {
    static final Problem NO_PROVIDER =
            Problem.define(
                    "not-a-provider",
                    "Your company is no provider",
                    409,
                    Category.CONFLICT,
                    "The operator of this server makes a company a provider with './cybershield"
                            + " tenant provider NAME'.");
    static final Problem PROVIDERS_HAVE_NO_PROVIDER =
            Problem.define(
                    "providers-have-no-provider",
                    "A provider cannot be a customer",
                    409,
                    Category.CONFLICT,
                    "Only a company that is no provider itself can have providers, and only one"
                            + " without providers can become one.");
    static final Problem CODE_GONE =
            Problem.define(
                    "provider-code-gone",
                    "The code does not work",
                    410,
                    Category.CALLER,
                    "A code works once, for seven days, unless it is withdrawn. Ask the provider"
                            + " for a new one.");
    static final Problem WIDER_THAN_ASKED =
            Problem.define(
                    "wider-than-asked",
                    "A grant can be narrowed only",
                    422,
                    Category.CALLER,
                    "'errors' names what is wider than it was. For more, the provider asks anew"
                            + " and you agree to that.");
    static final Problem TOO_MANY =
            Problem.define(
                    "too-many-requests-to-customers",
                    "Too many open requests",
                    409,
                    Category.CAPACITY,
                    "Withdraw those that nobody answered, or wait until tomorrow.");

    private ProviderProblems() {}
}
