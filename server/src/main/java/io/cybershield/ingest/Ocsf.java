package io.cybershield.ingest;

import java.net.Inet6Address;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Objects of OCSF that mappers of several sources make. */
final class Ocsf {
    private static final Pattern IP4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IP6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");
    private static final List<String> METHODS =
            List.of(
                    "", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE",
                    "PATCH");

    private Ocsf() {}

    static Map<String, Object> process(
            @Nullable String pid, @Nullable String path, @Nullable String commandLine) {
        var process = new LinkedHashMap<String, Object>();
        Integer number = pid(pid);
        if (number != null) {
            process.put("pid", number);
        }
        if (path != null && !path.isBlank()) {
            process.put("name", lastPart(path));
            process.put("path", path);
            process.put("file", file(path));
        }
        if (commandLine != null) {
            process.put("cmd_line", commandLine);
        }
        return process;
    }

    static Map<String, Object> actor(Map<String, Object> process, @Nullable String user) {
        var actor = new LinkedHashMap<String, Object>();
        if (process.containsKey("pid") || process.containsKey("uid")) {
            var own = new LinkedHashMap<>(process);
            own.remove("parent_process");
            actor.put("process", own);
        }
        if (user != null && !user.isBlank() && !user.equals("-")) {
            actor.put("user", Draft.named(user));
        }
        return actor;
    }

    static Map<String, Object> file(String path) {
        var file = new LinkedHashMap<String, Object>();
        String name = lastPart(path);
        file.put("name", name.isEmpty() ? "unknown" : name);
        if (!path.isEmpty()) {
            file.put("path", path);
        }
        file.put("type_id", 1);
        return file;
    }

    static Map<String, Object> peer(
            @Nullable String ip, @Nullable String port, @Nullable String hostname) {
        var peer = new LinkedHashMap<String, Object>();
        if (ip != null && isAddress(ip)) {
            peer.put("ip", ip);
        }
        if (hostname != null && !hostname.isBlank() && !hostname.equals("-")) {
            peer.put("hostname", hostname);
        }
        int number = port == null ? -1 : integer(port, -1);
        if (!peer.isEmpty() && number >= 0 && number <= 65_535) {
            peer.put("port", number);
        }
        return peer;
    }

    static boolean isAddress(String text) {
        if (!text.contains(":") || !IP6.matcher(text).matches()) {
            return IP4.matcher(text).matches();
        }
        try {
            return Inet6Address.ofLiteral(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** An endpoint of which one word is known, address or name. */
    static Map<String, Object> peer(@Nullable String addressOrName, @Nullable String port) {
        return addressOrName != null && isAddress(addressOrName)
                ? peer(addressOrName, port, null)
                : peer(null, port, addressOrName);
    }

    /** The activity of HTTP Activity that a method is. */
    static int httpActivity(String method) {
        int activity = METHODS.indexOf(method);
        return activity < 1 ? 99 : activity;
    }

    private static @Nullable Integer pid(@Nullable String text) {
        int n = text == null ? -1 : integer(text, -1);
        return n < 0 ? null : Integer.valueOf(n);
    }

    static int integer(@Nullable Object value, int otherwise) {
        return switch (value) {
            case Integer n -> n;
            case Long n when n >= 0 && n <= Integer.MAX_VALUE -> n.intValue();
            case String s when !s.isEmpty() && s.length() <= 12 -> {
                try {
                    yield s.startsWith("0x") || s.startsWith("0X")
                            ? Integer.parseInt(s.substring(2), 16)
                            : Integer.parseInt(s.strip());
                } catch (NumberFormatException e) {
                    yield otherwise;
                }
            }
            case null, default -> otherwise;
        };
    }

    private static String lastPart(String path) {
        return path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
    }
}
