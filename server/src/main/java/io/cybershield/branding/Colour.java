package io.cybershield.branding;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A colour of sRGB, eight bits each.
 *
 * @param rgb red in the highest of three bytes
 */
record Colour(int rgb) {
    static final Colour WHITE = new Colour(0xffffff);
    private static final Pattern HEX = Pattern.compile("#?([0-9a-fA-F]{6})");
    private static final double[] LINEAR = linear();

    /** From six digits, with or without the hash. */
    static Optional<Colour> read(String text) {
        var matched = HEX.matcher(text.strip());
        return matched.matches()
                ? Optional.of(new Colour(Integer.parseInt(matched.group(1), 16)))
                : Optional.empty();
    }

    static Colour of(int red, int green, int blue) {
        return new Colour(red << 16 | green << 8 | blue);
    }

    int red() {
        return rgb >> 16;
    }

    int green() {
        return rgb >> 8 & 0xff;
    }

    int blue() {
        return rgb & 0xff;
    }

    /** Relative luminance as WCAG 2.2 defines it, 0 to 1. */
    double luminance() {
        return 0.2126 * LINEAR[red()] + 0.7152 * LINEAR[green()] + 0.0722 * LINEAR[blue()];
    }

    /** Contrast ratio of WCAG 2.2, 1 to 21. */
    double contrast(Colour other) {
        double one = luminance() + 0.05;
        double two = other.luminance() + 0.05;
        return Math.max(one, two) / Math.min(one, two);
    }

    /** This one with so much of another in it, 0 to 1. */
    Colour mixed(Colour other, double part) {
        return of(
                between(red(), other.red(), part),
                between(green(), other.green(), part),
                between(blue(), other.blue(), part));
    }

    private static int between(int from, int to, double part) {
        return (int) Math.round(from + (to - from) * part);
    }

    /** How far apart two colours look: squared distance in OKLab. */
    double distance(Colour other) {
        double[] a = lab();
        double[] b = other.lab();
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    /** OKLab (Ottosson 2020). */
    private double[] lab() {
        double r = LINEAR[red()];
        double g = LINEAR[green()];
        double b = LINEAR[blue()];
        double l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new double[] {
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        };
    }

    private static double[] linear() {
        var table = new double[256];
        for (int i = 0; i < 256; i++) {
            double c = i / 255.0;
            table[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
        }
        return table;
    }

    /** With the hash, in lower case. */
    @Override
    public String toString() {
        return "#%06x".formatted(rgb);
    }
}
