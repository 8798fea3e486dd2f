package io.cybershield.workflow.bundle;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with bundles. */
final class BundleProblems {
    static final Problem BROKEN =
            Problem.define(
                    "bundle-broken",
                    "The bundle is not as it was made",
                    422,
                    Category.CALLER,
                    "The detail names the place. Get the file again from whoever exported it; a"
                            + " file that was edited by hand is refused.");
    static final Problem NOT_TRUSTED =
            Problem.define(
                    "bundle-not-trusted",
                    "Nobody here trusts who signed the bundle",
                    403,
                    Category.CALLER,
                    "Compare the key with the one that its owner tells you, and have an"
                            + " administrator add it to the trusted keys. An administrator may also"
                            + " accept this one bundle, with a reason.");
    static final Problem OLDER =
            Problem.define(
                    "bundle-older",
                    "The bundle has an older version than was imported before",
                    409,
                    Category.CONFLICT,
                    "Somebody may want you to go back to a version with a fault. Leave that"
                            + " workflow out, or say that you want the older one.");
    static final Problem CHANGED_SINCE =
            Problem.define(
                    "bundle-target-changed",
                    "What the import would change is not what was shown",
                    409,
                    Category.CONFLICT,
                    "Somebody saved or made a workflow meanwhile. Look at the bundle again.");
    static final Problem NOT_EXPORTABLE =
            Problem.define(
                    "bundle-not-exportable",
                    "These workflows cannot be exported",
                    422,
                    Category.CALLER,
                    "The detail names the workflow and the mend.");

    private BundleProblems() {}
}
