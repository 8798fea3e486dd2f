package io.cybershield.hunt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes the files that tests read. */
final class Made {

    private Made() {}

    static final String CMD_RULE =
            """
            title: Cmd Started
            id: 11111111-1111-1111-1111-111111111111
            author: Somebody
            logsource: {product: windows, category: process_creation}
            detection:
              selection: {Image|endswith: '\\cmd.exe'}
              condition: selection
            level: high
            tags: [attack.execution, attack.t1059.003]
            """;

    static String sysmon(String image, String time) {
        return """
        {"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"EventTime":"%s","Hostname":"PC1","Image":"%s"}\
        """
                .formatted(time, image.replace("\\", "\\\\"));
    }

    static final String CMD = sysmon("C:\\Windows\\System32\\cmd.exe", "2024-03-01 10:00:00");
    static final String NOTEPAD = sysmon("C:\\Windows\\notepad.exe", "2024-03-01 11:00:00");

    static Path file(Path folder, String name, String text) {
        return file(folder, name, text.getBytes(StandardCharsets.UTF_8));
    }

    static Path file(Path folder, String name, byte[] bytes) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] content) {
        return gzip(content, 1);
    }

    static byte[] gzip(byte[] content, int times) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            for (int i = 0; i < times; i++) {
                gzip.write(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /**
     * @param namesAndContents names followed by their bytes
     */
    static byte[] zip(Object... namesAndContents) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (int i = 0; i < namesAndContents.length; i += 2) {
            entries.put((String) namesAndContents[i], (byte[]) namesAndContents[i + 1]);
        }
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
