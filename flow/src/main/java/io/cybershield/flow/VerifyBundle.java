package io.cybershield.flow;

import io.cybershield.flow.WorkflowFile.BadFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Says what a bundle of workflows holds and who signed it.",
            "Whether to trust that key is yours to say: compare it with the signer's own.",
            "Exit code: 0 as it was signed, 1 changed or not signed, 2 the file cannot be read."
        })
final class VerifyBundle implements Callable<Integer> {
    private final PrintStream out;

    @Parameters(paramLabel = "FILE", description = "as it was exported")
    private Path file = Path.of("");

    VerifyBundle(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        WorkflowBundle bundle;
        try {
            bundle = WorkflowBundle.read(Files.readString(file));
        } catch (BadFile e) {
            out.println(file + ": " + e.getMessage());
            return Main.WRONG;
        }
        for (var part : bundle.workflows()) {
            out.println(
                    "workflow "
                            + part.drawing().name()
                            + ", version "
                            + part.version()
                            + ", "
                            + part.drawing().nodes().size()
                            + " nodes");
            tell("needs the secret", part.secrets());
            tell("reaches", part.connections());
        }
        bundle.templates().forEach(t -> out.println("approval template " + t.name()));
        out.println("made " + bundle.made());
        var signer = bundle.signer();
        if (signer == null) {
            out.println("NOT SIGNED: anybody may have made or changed it.");
            return Main.WRONG;
        }
        out.println("signed by " + signer.name() + " with the key " + signer.id());
        return Main.WELL;
    }

    private void tell(String what, Set<String> names) {
        names.forEach(name -> out.println("  " + what + " " + name));
    }
}
