package io.cybershield.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"CyberShield " + number(), "Java " + Runtime.version()};
    }

    static String number() throws IOException {
        try (InputStream in =
                Version.class.getResourceAsStream("/META-INF/build-info.properties")) {
            if (in == null) {
                return "(not built)";
            }
            var info = new Properties();
            info.load(in);
            return info.getProperty("build.version", "(unknown)");
        }
    }
}
