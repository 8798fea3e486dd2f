package io.cybershield.branding;

import io.cybershield.platform.ProblemException;
import java.util.List;

/**
 * A picture as we made it anew from what somebody sent.
 *
 * @param leftOut what it had and has no more, in words; empty if nothing
 */
record Logo(Kind kind, byte[] content, List<String> leftOut) {
    /** Bytes that are taken, before anything is read of them. */
    static final int LARGEST = 512 * 1024;

    enum Kind {
        PNG("image/png", "png"),
        SVG("image/svg+xml", "svg");

        final String type;
        final String ending;

        Kind(String type, String ending) {
            this.type = type;
            this.ending = ending;
        }
    }

    /** The picture cannot be taken; in words for whoever sent it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * What it is, is told from its bytes alone.
     *
     * @throws ProblemException {@code logo-refused}
     */
    static Logo read(byte[] sent) {
        if (sent.length > LARGEST) {
            throw BrandingProblems.LOGO.because(
                    "It has more than " + LARGEST / 1024 + " KB. Make it smaller.");
        }
        try {
            return PngLogo.is(sent) ? PngLogo.read(sent) : SvgLogo.read(sent);
        } catch (Refused e) {
            throw BrandingProblems.LOGO.because(e.why());
        }
    }
}
