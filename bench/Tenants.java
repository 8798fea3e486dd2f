import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many companies on one server: how long one takes to be set up, from the confirmed address to the answer, and what a request of any of them
 * takes when there are few and when there are many.
 *
 * <p>{@code --url http://127.0.0.1:18089 --few 10 --many 300 --requests 3000}. Companies are asked in turn, so that no two requests after
 * one another are of the same; the first round of each is not counted.
 */
final class Tenants {
    private static final List<String> PATHS = List.of("/api/v1/incidents", "/api/v1/session", "/api/v1/workflows");
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final List<Client> companies = new ArrayList<>();
    private final String url;

    private Tenants(String url) {
        this.url = url;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        new Tenants(options.get("url"))
                .measure(
                        Integer.parseInt(options.getOrDefault("few", "10")),
                        Integer.parseInt(options.getOrDefault("many", "300")),
                        Integer.parseInt(options.getOrDefault("requests", "3000")));
    }

    private void measure(int few, int many, int requests) throws Exception {
        System.out.println("| figure | value |");
        System.out.println("|---|---|");
        setUp(few);
        ask(requests);
        setUp(many);
        ask(requests);
    }

    private void setUp(int until) throws Exception {
        int before = companies.size();
        double[] seconds = new double[until - before];
        long began = System.nanoTime();
        for (int i = 0; i < seconds.length; i++) {
            Client company = new Client(http, url);
            seconds[i] = company.signIn();
            companies.add(company);
        }
        System.out.printf(Locale.ROOT, "| companies %d to %d set up, one after the other | p50 %.0f, p95 %.0f, longest %.0f ms; with form, mail and second factor %.1f s for all |%n",
                before + 1, until, 1000 * at(seconds, 0.5), 1000 * at(seconds, 0.95), 1000 * at(seconds, 1), (System.nanoTime() - began) / 1e9);
    }

    private void ask(int requests) throws IOException, InterruptedException {
        for (String path : PATHS) {
            for (Client company : companies) {
                company.get(path);
            }
            double[] seconds = new double[requests];
            for (int i = 0; i < requests; i++) {
                long began = System.nanoTime();
                companies.get(i % companies.size()).get(path);
                seconds[i] = (System.nanoTime() - began) / 1e9;
            }
            System.out.printf(Locale.ROOT, "| `GET %s`, %d companies in turn | p50 %.1f, p99 %.1f, longest %.0f ms |%n",
                    path, companies.size(), 1000 * at(seconds, 0.5), 1000 * at(seconds, 0.99), 1000 * at(seconds, 1));
        }
    }

    private static double at(double[] all, double share) {
        double[] sorted = all.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    }
}
