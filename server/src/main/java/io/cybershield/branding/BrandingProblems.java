package io.cybershield.branding;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with a company's label. */
final class BrandingProblems {
    static final Problem LOGO =
            Problem.define(
                    "logo-refused",
                    "This picture cannot be the logo",
                    422,
                    Category.CALLER,
                    "'detail' says why. A logo is a PNG, or an SVG of plain shapes; it is drawn"
                        + " anew from what you send, and nothing that runs or refers elsewhere is"
                        + " kept.");
    static final Problem CONTRAST =
            Problem.define(
                    "accent-unreadable",
                    "This colour cannot be read everywhere",
                    422,
                    Category.CALLER,
                    "Links and marks are drawn in it on every surface of the product, so it must"
                        + " have a contrast of 4.5 to 1 there (WCAG 2.2, 1.4.3). 'errors' names the"
                        + " contrast that it has and the nearest colour that has enough.");
    static final Problem CHANGED =
            Problem.define(
                    "branding-changed",
                    "Somebody else changed the branding",
                    409,
                    Category.CONFLICT,
                    "Read it again and repeat your change with its present 'revision'.");
    static final Problem NO_LABEL =
            Problem.define(
                    "no-branding",
                    "There is no branding yet",
                    409,
                    Category.CONFLICT,
                    "Set a product name first: it is what everything else belongs to.");
    static final Problem NO_SUCH_LABEL =
            Problem.define(
                    "no-provider-label",
                    "This provider has no label for you",
                    409,
                    Category.CONFLICT,
                    "A provider's label can be used while you have given it access, and while it"
                            + " offers its label to customers.");

    private BrandingProblems() {}
}
