package io.cybershield.hunt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the arguments must be before anything is done. */
final class Paths {

    private Paths() {}

    static void mustExist(CommandSpec spec, List<Path> paths) {
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new ParameterException(
                        spec.commandLine(), "there is no file or folder " + path);
            }
        }
    }
}
