import io.cybershield.ingest.RemovalSpeed;
import io.cybershield.platform.TenantId;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.UUID;

/** Starts the measurement of how old events go; apart from it because it signs up as a person would, and lets another program send. */
public final class EventSpeed {
    private EventSpeed() {}

    public static void main(String... args) throws Exception {
        RemovalSpeed.measure(args, new RemovalSpeed.Outside() {
            @Override
            public TenantId signUp(String url) throws Exception {
                var client = new Client(HttpClient.newHttpClient(), url);
                client.signIn();
                String session = client.get("/api/v1/session");
                return new TenantId(UUID.fromString(Client.field(session.substring(session.indexOf("\"tenant\"")), "id")));
            }

            @Override
            public void load(String url, int rate, int seconds) throws Exception {
                var load = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                        "-cp", System.getProperty("java.class.path"), "Load", "--url", url, "--rate", Integer.toString(rate),
                        "--seconds", Integer.toString(seconds), "--pid", Long.toString(ProcessHandle.current().pid()));
                if (load.inheritIO().start().waitFor() != 0) {
                    throw new IllegalStateException("The load broke off, or lost events");
                }
            }
        });
        System.exit(0);
    }
}
