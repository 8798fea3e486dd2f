import io.cybershield.workflow.PayloadSpeed;
import java.net.http.HttpClient;

/** Starts the measurement of large values; apart from it because it signs up as a person would. */
public final class LargeSpeed {
    private LargeSpeed() {}

    public static void main(String... args) throws Exception {
        PayloadSpeed.measure(args, url -> {
            var client = new Client(HttpClient.newHttpClient(), url);
            client.signIn();
            String session = client.get("/api/v1/session");
            return Client.field(session.substring(session.indexOf("\"tenant\"")), "id");
        });
        System.exit(0);
    }
}
