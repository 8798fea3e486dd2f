package io.cybershield.branding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.branding.Logo.Refused;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** PNGs that lie about their size, unpack to any size, carry something along, or are broken. */
class PngLogoTest {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

    private static byte[] chunk(String type, byte[] data) {
        byte[] name = type.getBytes(US_ASCII);
        var sum = new CRC32();
        sum.update(name);
        sum.update(data);
        return ByteBuffer.allocate(data.length + 12)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) sum.getValue())
                .array();
    }

    private static byte[] header(int width, int height, int bits, int kind) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) bits)
                        .put((byte) kind)
                        .put(new byte[3])
                        .array());
    }

    private static byte[] packed(byte[] data) {
        var deflater = new Deflater(9);
        deflater.setInput(data);
        deflater.finish();
        var out = new ByteArrayOutputStream();
        byte[] buffer = new byte[65536];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static byte[] file(byte[]... chunks) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        for (byte[] chunk : chunks) {
            out.writeBytes(chunk);
        }
        return out.toByteArray();
    }

    /** Random pixels, some of them clear. */
    private static BufferedImage picture(int width, int height) {
        var random = new Random(width * 31L + height);
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
        return image;
    }

    private static byte[] png(BufferedImage image) throws IOException {
        var out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static final byte[] END = chunk("IEND", new byte[0]);
    private static final byte[] PIXELS = chunk("IDAT", packed(new byte[] {0, 1, 2, 3, 4}));

    private static Map<String, byte[]> hostile() throws IOException {
        byte[] good = png(picture(8, 8));
        var files = new LinkedHashMap<String, byte[]>();
        files.put("2^31 wide", file(header(Integer.MAX_VALUE, 1, 8, 6), PIXELS, END));
        files.put("less than nothing wide", file(header(-1, 1, 8, 6), PIXELS, END));
        files.put("as large as a wall", file(header(60_000, 60_000, 16, 6), PIXELS, END));
        files.put("a line too long", file(header(2049, 1, 8, 6), PIXELS, END));
        files.put("nothing high", file(header(1, 0, 8, 6), PIXELS, END));
        files.put("no header", file(PIXELS, END));
        files.put(
                "a header that follows",
                file(header(1, 1, 8, 6), header(60_000, 60_000, 8, 6), PIXELS, END));
        files.put("a short header", file(chunk("IHDR", new byte[5]), PIXELS, END));
        files.put("a long header", file(chunk("IHDR", new byte[14]), PIXELS, END));
        files.put("unknown colours", file(header(1, 1, 8, 7), PIXELS, END));
        files.put("unknown depth", file(header(1, 1, 9, 6), PIXELS, END));
        files.put("no pixels", file(header(4, 4, 8, 6), END));
        files.put(
                "pixels that are no deflate",
                file(header(1, 1, 8, 6), chunk("IDAT", new byte[] {1, 2, 3}), END));
        files.put(
                "an unknown filter",
                file(header(1, 1, 8, 6), chunk("IDAT", packed(new byte[] {9, 1, 2, 3, 4})), END));
        files.put("a palette that is missing", file(header(1, 1, 8, 3), PIXELS, END));
        files.put("no end", file(header(1, 1, 8, 6), PIXELS));
        files.put("only a signature", file());
        files.put("cut in its pixels", Arrays.copyOf(good, good.length - 20));
        byte[] flipped = good.clone();
        flipped[good.length / 2] ^= 1;
        files.put("a bit flipped", flipped);
        byte[] longer = good.clone();
        longer[8] = 127;
        files.put("a part longer than the file", longer);
        files.put(
                "a part of a negative length",
                file(
                        header(1, 1, 8, 6),
                        new byte[] {-1, -1, -1, -1, 'I', 'D', 'A', 'T', 0, 0, 0, 0}));
        var many = new byte[5001][];
        Arrays.fill(many, chunk("tEXt", new byte[0]));
        many[0] = header(1, 1, 8, 6);
        files.put("thousands of parts", file(many));
        return files;
    }

    @Test
    void whatLiesOrIsBrokenIsRefusedInWords() throws Exception {
        var taken = new TreeSet<String>();
        for (var entry : hostile().entrySet()) {
            try {
                PngLogo.read(entry.getValue());
                taken.add(entry.getKey());
            } catch (Refused e) {
                assertThat(e.why()).isNotBlank().doesNotContain("Exception");
            }
        }
        assertThat(taken).isEmpty();
    }

    /** A gigabyte each, if anybody unpacked them. */
    @Test
    void whatUnpacksToAnySizeIsNeverUnpacked() throws Exception {
        byte[] bomb = packed(new byte[400_000_000]);
        byte[] text =
                ByteBuffer.allocate(bomb.length + 3)
                        .put("k\0\0".getBytes(US_ASCII))
                        .put(bomb)
                        .array();
        byte[] international =
                ByteBuffer.allocate(bomb.length + 6)
                        .put(new byte[] {'k', 0, 1, 0, 0, 0})
                        .put(bomb)
                        .array();
        byte[] good = png(picture(2, 2));
        byte[] head = Arrays.copyOfRange(good, 8, 33);
        byte[] rest = Arrays.copyOfRange(good, 33, good.length);
        for (byte[] chunk :
                List.of(
                        chunk("zTXt", text),
                        chunk("iTXt", international),
                        chunk("iCCP", text),
                        chunk("fRAc", bomb))) {
            long begun = System.nanoTime();
            var logo = PngLogo.read(file(head, chunk, rest));
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(2));
            assertThat(logo.content()).isEqualTo(PngLogo.read(good).content());
            assertThat(logo.leftOut()).hasSize(1);
        }
        // More pixels than the header says: what is over is not read.
        byte[] over = file(header(1, 1, 8, 6), chunk("IDAT", bomb), END);
        var logo = PngLogo.read(over);
        assertThat(logo.content().length).isLessThan(200);
    }

    @Test
    void nothingThatWasCarriedAlongIsLeft() throws Exception {
        byte[] good = png(picture(5, 7));
        byte[] head = Arrays.copyOfRange(good, 8, 33);
        byte[] rest = Arrays.copyOfRange(good, 33, good.length);
        byte[] page = "<html><script>alert(1)</script>".getBytes(US_ASCII);
        byte[] loaded =
                file(
                        head,
                        chunk("tEXt", page),
                        chunk("eXIf", page),
                        chunk("caNv", page),
                        chunk("acTL", page),
                        rest,
                        "PK\3\4<script>".getBytes(US_ASCII));
        var logo = PngLogo.read(loaded);
        assertThat(logo.leftOut()).containsExactly("acTL", "caNv", "eXIf", "tEXt");
        assertThat(new String(logo.content(), ISO_8859_1)).doesNotContain("script", "PK");
        assertThat(types(logo.content())).isSubsetOf("IHDR", "IDAT", "IEND");
    }

    @Test
    void pixelsStayAndTwiceIsAsOnce() throws Exception {
        for (int[] size : new int[][] {{1, 1}, {3, 5}, {64, 16}, {512, 512}, {1, 512}}) {
            BufferedImage image = picture(size[0], size[1]);
            var once = PngLogo.read(png(image));
            BufferedImage read = ImageIO.read(new ByteArrayInputStream(once.content()));
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    assertThat(read.getRGB(x, y)).isEqualTo(image.getRGB(x, y));
                }
            }
            assertThat(PngLogo.read(once.content()).content()).isEqualTo(once.content());
        }
    }

    @Test
    void largeOnesAreMadeSmaller() throws Exception {
        var flat = new BufferedImage(2000, 1000, BufferedImage.TYPE_INT_RGB);
        var read = ImageIO.read(new ByteArrayInputStream(PngLogo.read(png(flat)).content()));
        assertThat(read.getWidth()).isEqualTo(512);
        assertThat(read.getHeight()).isEqualTo(256);
        assertThat(read.getRGB(300, 100)).isEqualTo(0xff000000);
    }

    @Test
    void whateverIsFlippedIsReadOrRefused() throws Exception {
        var random = new Random(37);
        byte[] good = png(picture(9, 9));
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[8 + random.nextInt(bytes.length - 8)] = (byte) random.nextInt();
            }
            try {
                var logo = PngLogo.read(repaired(bytes));
                assertThat(types(logo.content())).isSubsetOf("IHDR", "IDAT", "IEND");
            } catch (Refused e) {
                assertThat(e.why()).isNotBlank();
            }
        }
    }

    /** With check sums that fit, so that what is inside gets its turn. */
    private static byte[] repaired(byte[] file) {
        var in = ByteBuffer.wrap(file);
        for (int at = 8; at + 12 <= file.length; ) {
            int length = in.getInt(at);
            if (length < 0 || length > file.length - at - 12) {
                break;
            }
            var sum = new CRC32();
            sum.update(file, at + 4, length + 4);
            in.putInt(at + 8 + length, (int) sum.getValue());
            at += length + 12;
        }
        return file;
    }

    private static TreeSet<String> types(byte[] file) {
        var types = new TreeSet<String>();
        var in = ByteBuffer.wrap(file).position(8);
        while (in.remaining() >= 12) {
            int length = in.getInt();
            byte[] type = new byte[4];
            in.get(type);
            types.add(new String(type, US_ASCII));
            in.position(in.position() + length + 4);
        }
        assertThat(in.remaining()).as("nothing behind the end").isZero();
        return types;
    }
}
