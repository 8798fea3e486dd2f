package io.cybershield.detection;

import io.cybershield.sigma.FieldResolver;
import io.cybershield.sigma.LogSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where an event keeps what a rule names: first under the source's own name, then where OCSF keeps
 * it. Asked when rules are compiled, never per event.
 */
final class FieldNames implements FieldResolver {
    private static final Map<String, String> OCSF =
            Map.ofEntries(
                    Map.entry("Image", "ocsf.process.path"),
                    Map.entry("CommandLine", "ocsf.process.cmd_line"),
                    Map.entry("ProcessId", "ocsf.process.pid"),
                    Map.entry("ParentImage", "ocsf.process.parent_process.path"),
                    Map.entry("ParentCommandLine", "ocsf.process.parent_process.cmd_line"),
                    Map.entry("User", "ocsf.actor.user.name"),
                    Map.entry("TargetUserName", "ocsf.user.name"),
                    Map.entry("TargetFilename", "ocsf.file.path"),
                    Map.entry("DestinationIp", "ocsf.dst_endpoint.ip"),
                    Map.entry("DestinationPort", "ocsf.dst_endpoint.port"),
                    Map.entry("SourceIp", "ocsf.src_endpoint.ip"),
                    Map.entry("src_ip", "ocsf.src_endpoint.ip"),
                    Map.entry("SourcePort", "ocsf.src_endpoint.port"),
                    Map.entry("QueryName", "ocsf.query.hostname"),
                    Map.entry("Computer", "ocsf.device.hostname"),
                    Map.entry("c-uri", "ocsf.http_request.url.path"),
                    Map.entry("cs-uri-query", "ocsf.http_request.url.query_string"),
                    Map.entry("cs-method", "ocsf.http_request.http_method"),
                    Map.entry("cs-user-agent", "ocsf.http_request.user_agent"),
                    Map.entry("c-useragent", "ocsf.http_request.user_agent"),
                    Map.entry("sc-status", "ocsf.http_response.code"),
                    Map.entry("c-ip", "ocsf.src_endpoint.ip"));

    @Override
    public List<String> paths(LogSource source, String field) {
        var paths = new ArrayList<String>();
        paths.add(field);
        if (field.indexOf(' ') >= 0) {
            paths.add(field.replace(" ", ""));
        }
        String ocsf = OCSF.get(field);
        // A Windows event's own names are the ones that rules use; OCSF would only repeat them.
        if (ocsf != null && !"windows".equals(source.product())) {
            paths.add(ocsf);
        }
        if (field.startsWith("ocsf.")) {
            return List.of(field);
        }
        return List.copyOf(paths);
    }
}
