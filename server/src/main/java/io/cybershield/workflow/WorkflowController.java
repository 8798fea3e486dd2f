package io.cybershield.workflow;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.Ports;
import io.cybershield.flow.Description;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.DrawingCheck;
import io.cybershield.flow.DrawingDiff;
import io.cybershield.flow.WorkflowFile;
import io.cybershield.flow.WorkflowFile.Format;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Drawing workflows. */
@RestController
@RunsIn(Role.WEB)
class WorkflowController {
    private final Workflows workflows;
    private final Templates templates;
    private final NodeKinds kinds;
    private final Access access;
    private final JsonMapper json;

    WorkflowController(
            Workflows workflows,
            Templates templates,
            NodeKinds kinds,
            Access access,
            JsonMapper json) {
        this.workflows = workflows;
        this.templates = templates;
        this.kinds = kinds;
        this.access = access;
        this.json = json;
    }

    /** An output of a node. */
    record PortView(String id, String label) {}

    /**
     * A kind of node, for the library and the inspector.
     *
     * @param seldomPorts outputs that a node has too, and that few drawings use
     * @param casesIn setting that lists further outputs by name; null when there are none
     */
    record NodeTypeView(
            String type,
            @Schema(
                            allowableValues = {
                                "trigger",
                                "action",
                                "condition",
                                "approval",
                                "integration",
                                "notification"
                            })
                    String category,
            String name,
            String description,
            String icon,
            JsonNode configSchema,
            List<PortView> ports,
            List<PortView> seldomPorts,
            @Nullable String casesIn,
            boolean takesInput,
            boolean destructive,
            boolean simulated) {}

    @Schema(name = "WorkflowTemplateView")
    record TemplateView(String id, String name, String description, int nodes) {}

    record CreateRequest(
            @Nullable @Size(min = 1, max = 120) String name,
            @Nullable @Size(max = 120) String template) {}

    record ProblemList(List<DrawingCheck.Finding> problems) {}

    @GetMapping("/api/v1/node-types")
    List<NodeTypeView> nodeTypes() {
        access.require("workflow:read");
        return kinds.offered().list().stream().map(this::view).toList();
    }

    @GetMapping("/api/v1/workflow-templates")
    List<TemplateView> templates() {
        access.require("workflow:read");
        return templates.list().stream()
                .map(t ->
                        new TemplateView(
                                t.id(),
                                t.drawing().name(),
                                t.drawing().description(),
                                t.drawing().nodes().size()))
                .toList();
    }

    @GetMapping("/api/v1/workflows")
    Page<Workflows.Line> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        return workflows.list(cursor, Page.limit(limit));
    }

    @PostMapping("/api/v1/workflows")
    @ResponseStatus(HttpStatus.CREATED)
    Workflows.Detail create(@Valid @RequestBody CreateRequest request) {
        access.require("workflow:write");
        return workflows.create(request.name(), request.template());
    }

    @GetMapping("/api/v1/workflows/{id}")
    ResponseEntity<Workflows.Detail> get(@PathVariable UUID id) {
        access.require("workflow:read");
        return tagged(workflows.get(id));
    }

    /** 409 if somebody else saved since the revision that {@code If-Match} names. */
    @PutMapping("/api/v1/workflows/{id}/draft")
    ResponseEntity<Workflows.Detail> save(
            @PathVariable UUID id,
            @RequestHeader("If-Match") String revision,
            @Valid @RequestBody Drawing draft) {
        access.require("workflow:write");
        String number = revision.replace("\"", "").replace("W/", "").strip();
        if (!number.matches("\\d{1,9}")) {
            throw Problems.MALFORMED.because(
                    "If-Match must carry the revision that you loaded, such as \"3\".");
        }
        return tagged(workflows.save(id, draft, Integer.parseInt(number)));
    }

    @PostMapping("/api/v1/workflows/validate")
    ProblemList validate(@Valid @RequestBody Drawing drawing) {
        access.require("workflow:read");
        return new ProblemList(workflows.problems(drawing));
    }

    @PostMapping("/api/v1/workflows/{id}/publish")
    ResponseEntity<Workflows.Detail> publish(@PathVariable UUID id) {
        access.require("workflow:publish");
        workflows.publish(id);
        return tagged(workflows.get(id));
    }

    /** Stops every trigger of it at once; runs that began go on. */
    @PostMapping("/api/v1/workflows/{id}/archive")
    ResponseEntity<Workflows.Detail> archive(@PathVariable UUID id) {
        access.require("workflow:publish");
        workflows.archive(id);
        return tagged(workflows.get(id));
    }

    /** Back from the archive as it was: the same version is in use, the same triggers start it. */
    @PostMapping("/api/v1/workflows/{id}/restore")
    ResponseEntity<Workflows.Detail> restore(@PathVariable UUID id) {
        access.require("workflow:publish");
        workflows.restore(id);
        return tagged(workflows.get(id));
    }

    /**
     * A version that was published.
     *
     * @param runs that go on with it
     */
    @Schema(name = "WorkflowVersionView")
    record VersionView(
            int version,
            String hash,
            Instant publishedAt,
            String publishedBy,
            int nodes,
            int runs) {}

    /** Newest first. */
    @GetMapping("/api/v1/workflows/{id}/versions")
    Page<VersionView> versions(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable Integer cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        return workflows
                .versions(id, cursor, Page.limit(limit))
                .map(v ->
                        new VersionView(
                                v.version(),
                                v.hash(),
                                v.publishedAt(),
                                v.publishedBy(),
                                v.nodes(),
                                v.runs()));
    }

    @GetMapping("/api/v1/workflows/{id}/versions/{version}")
    Drawing version(@PathVariable UUID id, @PathVariable int version) {
        access.require("workflow:read");
        return drawing(id, version);
    }

    /**
     * What two drawings of a workflow say differently.
     *
     * @param from null for a workflow that was never published
     * @param to null for the draft
     */
    @Schema(name = "WorkflowDiff")
    record DiffView(
            @Nullable Integer from, @Nullable Integer to, @JsonUnwrapped DrawingDiff diff) {}

    /**
     * From one version to another or to the draft.
     *
     * @param from the version in use when absent
     * @param to the draft when absent
     */
    @GetMapping("/api/v1/workflows/{id}/diff")
    DiffView diff(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable Integer from,
            @RequestParam(required = false) @Nullable Integer to) {
        access.require("workflow:read");
        var now = workflows.get(id);
        Integer base = from == null ? now.version() : from;
        Drawing before =
                base == null
                        ? new Drawing(now.draft().name(), "", List.of(), List.of())
                        : drawing(id, base);
        Drawing after = to == null ? now.draft() : drawing(id, to);
        return new DiffView(base, to, DrawingDiff.between(before, after));
    }

    private Drawing drawing(UUID id, int version) {
        return workflows
                .version(id, version)
                .orElseThrow(() ->
                        Problems.NOT_FOUND.because(
                                "There is no version " + version + " of this workflow."));
    }

    /** The draft as a file, in the one order and layout that a drawing has. */
    @GetMapping(
            value = "/api/v1/workflows/{id}/export",
            produces = {"application/yaml", MediaType.APPLICATION_JSON_VALUE})
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "application/yaml", schema = @Schema(type = "string")),
                @Content(
                        mediaType = MediaType.APPLICATION_JSON_VALUE,
                        schema = @Schema(implementation = Drawing.class))
            })
    ResponseEntity<String> exportFile(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "yaml")
                    @Schema(
                            allowableValues = {"yaml", "json"},
                            defaultValue = "yaml")
                    String format) {
        access.require("workflow:read");
        Format wanted = format(format);
        Drawing draft = workflows.get(id).draft();
        String file =
                draft.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-")
                        + (wanted == Format.JSON ? ".json" : ".yaml");
        return ResponseEntity.ok()
                .contentType(
                        wanted == Format.JSON
                                ? MediaType.APPLICATION_JSON
                                : MediaType.parseMediaType("application/yaml;charset=UTF-8"))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(file).build().toString())
                .body(WorkflowFile.write(draft, wanted));
    }

    /**
     * A file to make a workflow from.
     *
     * @param format {@code yaml} or {@code json}; told by the first character when null
     */
    record ImportRequest(
            @NotNull @Size(min = 1, max = 4_000_000) String text,
            @Nullable @Schema(allowableValues = {"yaml", "json"}) String format) {}

    /**
     * A new draft from a file; problems of the drawing itself are told when it is checked, as for
     * any draft.
     */
    @PostMapping("/api/v1/workflows/import")
    @ResponseStatus(HttpStatus.CREATED)
    Workflows.Detail importFile(@Valid @RequestBody ImportRequest request) {
        access.require("workflow:write");
        Format format =
                request.format() == null
                        ? request.text().stripLeading().startsWith("{") ? Format.JSON : Format.YAML
                        : format(request.format());
        try {
            return workflows.create(WorkflowFile.read(request.text(), format));
        } catch (WorkflowFile.BadFile e) {
            throw WorkflowProblems.BAD_FILE.because(String.valueOf(e.getMessage()));
        }
    }

    private static Format format(String name) {
        return switch (name) {
            case "json" -> Format.JSON;
            case "yaml" -> Format.YAML;
            default ->
                    throw Problems.INVALID.because(
                            "'" + name + "' is no format of workflow files. Use yaml or json.");
        };
    }

    private static ResponseEntity<Workflows.Detail> tagged(Workflows.Detail detail) {
        return ResponseEntity.ok().eTag("\"" + detail.revision() + "\"").body(detail);
    }

    private NodeTypeView view(Description kind) {
        NodeType type = kind.type();
        var ports = new ArrayList<PortView>();
        type.ports()
                .forEach(p ->
                        ports.add(
                                new PortView(
                                        p.name(),
                                        kind.portLabels().getOrDefault(p.name(), p.name()))));
        var seldom = new ArrayList<PortView>();
        for (String name : type.enginePorts()) {
            switch (name) {
                case Ports.ERROR -> ports.add(new PortView(name, "On error"));
                case Ports.FALLBACK -> seldom.add(new PortView(name, "Instead"));
                case Ports.UNDO -> seldom.add(new PortView(name, "Undo"));
                default -> throw new IllegalStateException("No words for the port " + name);
            }
        }
        return new NodeTypeView(
                type.key(),
                type.category().name().toLowerCase(Locale.ROOT),
                kind.name(),
                kind.text(),
                kind.icon(),
                json.readTree(kind.configSchema()),
                ports,
                seldom,
                type.casesIn().orElse(null),
                type.behaviour() != Behaviour.START && type.behaviour() != Behaviour.FINALLY,
                type.destructive(),
                kind.simulated());
    }
}
