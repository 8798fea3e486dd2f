package io.cybershield.cli;

import io.cybershield.custody.CompanyArchive;
import io.cybershield.platform.TransferBox;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a company from one server to another, both on this machine, and compares. */
@Command(
        name = "move",
        mixinStandardHelpOptions = true,
        description = {
            "Move a company with its secrets to another server on this machine. It is suspended",
            "here, brought there, and compared table by table, by rows and hashes. Both stay",
            "suspended until you resume the one and delete the other."
        })
final class TenantMoveCommand implements Callable<Integer> {
    private static final String REASON = "The company is being moved to another server.";

    /** What senders that are refused are counted in. */
    private static final List<String> COUNTERS =
            List.of(
                    "tables/telemetry.source_activity.ndjson",
                    "tables/telemetry.event_minute.ndjson",
                    "tables/company.trigger_count.ndjson");

    @Parameters(paramLabel = "COMPANY", description = "Its name or id.")
    private String company = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "The other server's data folder.")
    private Path to = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("cybershield-move"); // for our user only
        try (var from = OperatorClient.of(data);
                var there = OperatorClient.of(to)) {
            var tenant = from.tenant(company);
            boolean wasActive =
                    from.companies().stream()
                            .anyMatch(
                                    c -> c.id().equals(tenant.id()) && c.state().equals("active"));
            if (wasActive) {
                from.suspend(tenant, REASON);
            }
            try {
                move(tenant, from, there, folder);
            } catch (IOException e) {
                if (wasActive) {
                    from.resume(tenant);
                }
                throw new IOException(
                        "The company was not moved"
                                + (wasActive ? " and goes on here" : "")
                                + ". "
                                + e.getMessage(),
                        e);
            }
            return 0;
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private void move(
            OperatorClient.Tenant tenant, OperatorClient from, OperatorClient there, Path folder)
            throws IOException, InterruptedException {
        String key = TransferBox.newKey();
        Path before = exported(from, tenant, key, folder.resolve("before.zip"));
        var imported = there.importCompany(() -> open(before), null, key);
        Path after = exported(there, tenant, key, folder.resolve("after.zip"));
        // What was on its way here when it was suspended may have come in since.
        Path since = exported(from, tenant, key, folder.resolve("since.zip"));
        refuse("came out otherwise there", CompanyArchive.differences(before, after), imported);
        var changed = new ArrayList<>(CompanyArchive.differences(before, since));
        changed.removeAll(COUNTERS);
        refuse("changed here meanwhile", changed, imported);
        System.out.println(
                imported.name()
                        + ": "
                        + imported.rows()
                        + " rows are there, and all tables are the same by count and hash.");
        System.out.println("Both are suspended. What is left to do:");
        System.out.println("- ./cybershield tenant resume " + tenant.id() + " --data " + to);
        System.out.println(
                "- once it is as it should be: ./cybershield tenant delete "
                        + tenant.id()
                        + " --data "
                        + data);
        imported.todo().stream().skip(1).forEach(line -> System.out.println("- " + line));
    }

    private void refuse(String what, List<String> differences, OperatorClient.Imported imported)
            throws IOException {
        if (!differences.isEmpty()) {
            throw new IOException(
                    "These "
                            + what
                            + ": "
                            + String.join(", ", differences)
                            + ". Delete the one there ("
                            + imported.id()
                            + ", --data "
                            + to
                            + ") and try again.");
        }
    }

    private static Path exported(
            OperatorClient server, OperatorClient.Tenant tenant, @Nullable String key, Path file)
            throws IOException, InterruptedException {
        server.export(tenant, file, key);
        var report = CompanyArchive.check(file, Map.of());
        if (!report.ok()) {
            throw new IOException(String.join(" ", report.words()));
        }
        return file;
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
