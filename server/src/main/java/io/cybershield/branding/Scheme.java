package io.cybershield.branding;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A colour scheme with the surfaces that an accent stands on (web/src/shared/theme/tokens.css). */
enum Scheme {
    LIGHT(
            "#121a26",
            new Surface("page", "#f3f5f8"),
            new Surface("panel", "#ffffff"),
            new Surface("input", "#f8fafc"),
            new Surface("hover", "#ebeff4")),
    DARK(
            "#e6ecf4",
            new Surface("page", "#0a0e14"),
            new Surface("panel", "#10161e"),
            new Surface("input", "#161d27"),
            new Surface("hover", "#1d2632"));

    /** WCAG 2.2, 1.4.3: text. */
    static final double TEXT = 4.5;

    /** WCAG 2.2, 1.4.11: controls and their states. */
    static final double CONTROL = 3;

    /** Enough of the accent to be seen, little enough to be read on. */
    private static final double SOFT = 0.16;

    private static final Colour BLACK = new Colour(0);
    private final Colour text;
    private final List<Surface> surfaces;

    Scheme(String text, Surface... surfaces) {
        this.text = colour(text);
        this.surfaces = List.of(surfaces);
    }

    record Surface(String name, Colour colour) {
        Surface(String name, String colour) {
            this(name, Scheme.colour(colour));
        }
    }

    /**
     * Why an accent cannot be taken.
     *
     * @param contrast the least that it has, as it is to be shown
     * @param on which surface has it so
     * @param nearest the colour most like it that can be
     */
    record Failing(String contrast, Surface on, Colour nearest) {}

    /**
     * What the page draws with.
     *
     * @param accent links, marks, focus
     * @param solid the ground under white words
     * @param hover the same under the pointer
     * @param soft the ground of what is selected, under the usual words
     */
    record Shades(Colour accent, Colour solid, Colour hover, Colour soft) {}

    List<Surface> surfaces() {
        return surfaces;
    }

    Colour text() {
        return text;
    }

    /** Whether the colour can be read as text on each surface. */
    boolean takes(Colour accent) {
        return accent.contrast(hardest(accent).colour()) >= TEXT;
    }

    private Surface hardest(Colour accent) {
        Surface found = surfaces.getFirst();
        for (Surface surface : surfaces) {
            if (accent.contrast(surface.colour()) < accent.contrast(found.colour())) {
                found = surface;
            }
        }
        return found;
    }

    /** Empty if the accent can be taken. */
    Optional<Failing> failing(Colour accent) {
        if (takes(accent)) {
            return Optional.empty();
        }
        Surface on = hardest(accent);
        // Cut off, not rounded: 4.49 must not read as 4.5.
        double cut = Math.floor(accent.contrast(on.colour()) * 100) / 100;
        return Optional.of(
                new Failing(String.format(Locale.ROOT, "%.2f", cut), on, nearest(accent)));
    }

    /**
     * The colour most like it that can be taken. Each red and blue has one last green that passes,
     * so the nearest of all lies among these.
     */
    Colour nearest(Colour accent) {
        Colour best = null;
        double least = Double.MAX_VALUE;
        for (int red = 0; red < 256; red++) {
            for (int blue = 0; blue < 256; blue++) {
                Colour last = last(red, blue, accent.green());
                if (last != null && last.distance(accent) < least) {
                    least = last.distance(accent);
                    best = last;
                }
            }
        }
        return best == null ? text : best;
    }

    /** Of this red and blue, what passes with the green nearest to the one given. */
    private @Nullable Colour last(int red, int blue, int green) {
        Colour same = Colour.of(red, green, blue);
        if (takes(same)) {
            return same;
        }
        int passes = this == LIGHT ? 0 : 255;
        int fails = green;
        if (!takes(Colour.of(red, passes, blue))) {
            return null;
        }
        while (Math.abs(passes - fails) > 1) {
            int middle = (passes + fails) / 2;
            if (takes(Colour.of(red, middle, blue))) {
                passes = middle;
            } else {
                fails = middle;
            }
        }
        return Colour.of(red, passes, blue);
    }

    /** What follows from an accent that passes. */
    Shades shades(Colour accent) {
        Colour solid = solid(accent);
        return new Shades(accent, solid, solid.mixed(BLACK, 0.16), soft(accent));
    }

    /** As it is where white can be read on it; darker otherwise. */
    private static Colour solid(Colour accent) {
        Colour solid = accent;
        for (int part = 1; solid.contrast(Colour.WHITE) < TEXT; part++) {
            solid = accent.mixed(BLACK, part / 200.0);
        }
        return solid;
    }

    /** As much of it as leaves the words on it and the mark on it readable. */
    private Colour soft(Colour accent) {
        Colour panel = surfaces.get(1).colour();
        for (double part = SOFT; part > 0; part -= 0.01) {
            Colour soft = panel.mixed(accent, part);
            if (soft.contrast(text) >= TEXT && soft.contrast(accent) >= CONTROL) {
                return soft;
            }
        }
        return panel;
    }

    private static Colour colour(String hex) {
        return Colour.read(hex).orElseThrow();
    }
}
