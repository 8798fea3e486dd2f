import io.cybershield.workflow.WorkflowSpeed;
import java.net.http.HttpClient;

/** Starts the measurement of runs; apart from it because it signs up as a person would. */
public final class RunSpeed {
    private RunSpeed() {}

    public static void main(String... args) throws Exception {
        WorkflowSpeed.measure(args, url -> {
            var client = new Client(HttpClient.newHttpClient(), url);
            client.signIn();
            String session = client.get("/api/v1/session");
            return Client.field(session.substring(session.indexOf("\"tenant\"")), "id");
        });
        System.exit(0);
    }
}
