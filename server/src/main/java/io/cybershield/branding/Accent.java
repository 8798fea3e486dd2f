package io.cybershield.branding;

import io.cybershield.branding.Scheme.Shades;
import java.util.Optional;
import java.util.regex.Pattern;

/** A company's colour in both schemes, and the stylesheet that puts it into the page's theme. */
record Accent(Colour light, Colour dark) {
    private static final Pattern FILE = Pattern.compile("accent-([0-9a-f]{6})-([0-9a-f]{6})\\.css");

    /** Said in the name, so that the sheet never changes and needs no row. */
    String file() {
        return "accent-%06x-%06x.css".formatted(light.rgb(), dark.rgb());
    }

    /** Empty unless the file is one of ours, with colours that pass. */
    static Optional<Accent> of(String file) {
        var matched = FILE.matcher(file);
        if (!matched.matches()) {
            return Optional.empty();
        }
        var accent =
                new Accent(
                        new Colour(Integer.parseInt(matched.group(1), 16)),
                        new Colour(Integer.parseInt(matched.group(2), 16)));
        return accent.passes() ? Optional.of(accent) : Optional.empty();
    }

    boolean passes() {
        return Scheme.LIGHT.takes(light) && Scheme.DARK.takes(dark);
    }

    /** The design tokens that are the accent's; the theme takes everything else from these. */
    String css() {
        return rule("light", Scheme.LIGHT.shades(light)) + rule("dark", Scheme.DARK.shades(dark));
    }

    private static String rule(String scheme, Shades shades) {
        return """
        :root[data-mantine-color-scheme="%s"] {
          --accent: %s;
          --accent-solid: %s;
          --accent-hover: %s;
          --accent-soft: %s;
        }
        """
                .formatted(scheme, shades.accent(), shades.solid(), shades.hover(), shades.soft());
    }
}
