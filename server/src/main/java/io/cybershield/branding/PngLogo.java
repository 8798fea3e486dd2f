package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cybershield.branding.Logo.Kind;
import io.cybershield.branding.Logo.Refused;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * PNG (RFC 2083): read to pixels and written anew from these, so that nothing of the file is left.
 *
 * <p>How many pixels there are is known before any is unpacked, and chunks that say nothing about
 * pixels never reach the reader; what they hold may unpack to any size.
 */
final class PngLogo {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    private static final Set<String> NEEDED = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    /** Four million pixels, sixteen megabytes. */
    private static final int LONGEST_READ = 2048;

    private static final int LONGEST_KEPT = 512;
    private static final int MOST_CHUNKS = 4096;

    private PngLogo() {}

    static boolean is(byte[] sent) {
        return sent.length >= SIGNATURE.length
                && Arrays.equals(sent, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    static Logo read(byte[] sent) throws Refused {
        var left = new TreeSet<String>();
        BufferedImage image = pixels(needed(sent, left));
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(fitted(image), "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Logo(Kind.PNG, out.toByteArray(), List.copyOf(left));
    }

    /** The chunks that pixels are made of, each checked. */
    private static byte[] needed(byte[] sent, Set<String> left) throws Refused {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        var in = ByteBuffer.wrap(sent).position(SIGNATURE.length);
        boolean ended = false;
        for (int chunk = 0; !ended; chunk++) {
            if (in.remaining() < 12 || chunk > MOST_CHUNKS) {
                throw broken("it is cut off");
            }
            int start = in.position();
            int length = in.getInt();
            if (length < 0 || length > in.remaining() - 8) {
                throw broken("a part of it says that it is longer than it is");
            }
            String type = new String(sent, in.position(), 4, US_ASCII);
            var sum = new CRC32();
            sum.update(sent, in.position(), length + 4);
            in.position(in.position() + 4);
            ByteBuffer data = in.slice(in.position(), length);
            in.position(in.position() + length);
            if (in.getInt() != (int) sum.getValue()) {
                throw broken("a check sum of it is wrong");
            }
            if (chunk == 0) {
                header(type, data);
            } else if (type.equals("IHDR")) {
                throw broken("it begins twice");
            }
            if (NEEDED.contains(type)) {
                out.write(sent, start, length + 12);
            } else {
                left.add(type.matches("[A-Za-z]{4}") ? type : "unknown");
            }
            ended = type.equals("IEND");
        }
        return out.toByteArray();
    }

    private static void header(String type, ByteBuffer data) throws Refused {
        if (!type.equals("IHDR") || data.remaining() != 13) {
            throw broken("its header is missing");
        }
        int width = data.getInt();
        int height = data.getInt();
        if (width < 1 || height < 1 || width > LONGEST_READ || height > LONGEST_READ) {
            throw new Refused(
                    "It says that it has %s by %s pixels; %d by %d are taken at most."
                            .formatted(
                                    Integer.toUnsignedString(width),
                                    Integer.toUnsignedString(height),
                                    LONGEST_READ,
                                    LONGEST_READ));
        }
    }

    private static Refused broken(String how) {
        return new Refused("This PNG is broken: " + how + ". Save it anew.");
    }

    private static BufferedImage pixels(byte[] file) throws Refused {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            @Nullable BufferedImage read = reader.read(0);
            if (read == null) {
                throw broken("it has no pixels");
            }
            return read;
        } catch (IOException | RuntimeException e) {
            // The reader answers some broken files with whatever exception it runs into.
            throw broken("its pixels cannot be read");
        } finally {
            reader.dispose();
        }
    }

    /** In one form whatever it was; made smaller by whole areas if it is large. */
    private static BufferedImage fitted(BufferedImage image) {
        int longest = Math.max(image.getWidth(), image.getHeight());
        double scale = Math.min(1, (double) LONGEST_KEPT / longest);
        int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
        int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
        var fitted = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < height; y++) {
            int top = y * image.getHeight() / height;
            int bottom = Math.max(top + 1, (y + 1) * image.getHeight() / height);
            for (int x = 0; x < width; x++) {
                int start = x * image.getWidth() / width;
                int end = Math.max(start + 1, (x + 1) * image.getWidth() / width);
                fitted.setRGB(x, y, mean(image, start, end, top, bottom));
            }
        }
        return fitted;
    }

    /** What is clear has no colour to give. */
    private static int mean(BufferedImage image, int start, int end, int top, int bottom) {
        if (end - start == 1 && bottom - top == 1) {
            return image.getRGB(start, top);
        }
        long alpha = 0;
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = start; x < end; x++) {
                int pixel = image.getRGB(x, y);
                int a = pixel >>> 24;
                alpha += a;
                red += (long) a * (pixel >> 16 & 0xff);
                green += (long) a * (pixel >> 8 & 0xff);
                blue += (long) a * (pixel & 0xff);
            }
        }
        if (alpha == 0) {
            return 0;
        }
        long pixels = (long) (end - start) * (bottom - top);
        return (int) (alpha / pixels) << 24
                | (int) (red / alpha) << 16
                | (int) (green / alpha) << 8
                | (int) (blue / alpha);
    }
}
