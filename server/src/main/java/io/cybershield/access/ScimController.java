package io.cybershield.access;

import io.cybershield.RunsIn;
import io.cybershield.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * SCIM 2.0 (RFC 7644) for the directory of a company, whose key the security chain has checked
 * before.
 */
@RestController
@RunsIn(io.cybershield.Role.WEB)
@RequestMapping(ScimShapes.BASE)
class ScimController {
    static final MediaType SCIM = MediaType.parseMediaType("application/scim+json;charset=UTF-8");
    private static final int MOST_BYTES = 2 * 1024 * 1024;
    private static final Pattern ID =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private final Provisioning provisioning;
    private final ScimShapes shapes;

    ScimController(Provisioning provisioning, ScimShapes shapes) {
        this.provisioning = provisioning;
        this.shapes = shapes;
    }

    // ------------------------------------------------------------ people

    @GetMapping("/Users")
    ResponseEntity<String> users(
            @RequestParam @Nullable String filter,
            @RequestParam @Nullable String startIndex,
            @RequestParam @Nullable String count,
            @RequestParam @Nullable String attributes,
            @RequestParam @Nullable String excludedAttributes) {
        var query = ScimQuery.ofUsers(filter, startIndex, count);
        var found = provisioning.people(query.filter(), query.offset(), query.count());
        return ok(
                shapes.page(
                        found.items().stream()
                                .map(shapes::user)
                                .map(user -> ScimShapes.only(user, attributes, excludedAttributes))
                                .toList(),
                        found.total(),
                        query.offset() + 1));
    }

    @PostMapping("/Users")
    ResponseEntity<String> addUser(HttpServletRequest request) throws IOException {
        return created(shapes.user(provisioning.add(shapes.newUser(body(request)))));
    }

    @GetMapping("/Users/{id}")
    ResponseEntity<String> user(
            @PathVariable String id,
            @RequestParam @Nullable String attributes,
            @RequestParam @Nullable String excludedAttributes,
            HttpServletRequest request) {
        return one(
                shapes.user(provisioning.person(userId(id))),
                attributes,
                excludedAttributes,
                request);
    }

    @PutMapping("/Users/{id}")
    ResponseEntity<String> replaceUser(@PathVariable String id, HttpServletRequest request)
            throws IOException {
        JsonNode body = body(request);
        return tagged(
                shapes.user(
                        provisioning.change(
                                userId(id),
                                before -> {
                                    match(request, shapes.user(before));
                                    return shapes.replacedUser(before, body);
                                })));
    }

    @PatchMapping("/Users/{id}")
    ResponseEntity<String> patchUser(@PathVariable String id, HttpServletRequest request)
            throws IOException {
        JsonNode body = body(request);
        return tagged(
                shapes.user(
                        provisioning.change(
                                userId(id),
                                before -> {
                                    match(request, shapes.user(before));
                                    return shapes.patchedUser(before, body);
                                })));
    }

    @DeleteMapping("/Users/{id}")
    ResponseEntity<Void> removeUser(@PathVariable String id, HttpServletRequest request) {
        provisioning.remove(userId(id), before -> match(request, shapes.user(before)));
        return ResponseEntity.noContent().build();
    }

    // ------------------------------------------------------------ groups

    @GetMapping("/Groups")
    ResponseEntity<String> groups(
            @RequestParam @Nullable String filter,
            @RequestParam @Nullable String startIndex,
            @RequestParam @Nullable String count,
            @RequestParam @Nullable String attributes,
            @RequestParam @Nullable String excludedAttributes) {
        var query = ScimQuery.ofGroups(filter, startIndex, count);
        boolean members =
                attributes != null && !attributes.isBlank()
                        ? ScimShapes.names(attributes).contains("members")
                        : excludedAttributes == null
                                || !ScimShapes.names(excludedAttributes).contains("members");
        var found = provisioning.groups(query.filter(), query.offset(), query.count(), members);
        return ok(
                shapes.page(
                        found.items().stream()
                                .map(group -> shapes.group(group, members))
                                .map(group ->
                                        ScimShapes.only(group, attributes, excludedAttributes))
                                .toList(),
                        found.total(),
                        query.offset() + 1));
    }

    @PostMapping("/Groups")
    ResponseEntity<String> addGroup(HttpServletRequest request) throws IOException {
        return created(shapes.group(provisioning.addGroup(shapes.newGroup(body(request))), true));
    }

    @GetMapping("/Groups/{id}")
    ResponseEntity<String> group(
            @PathVariable String id,
            @RequestParam @Nullable String attributes,
            @RequestParam @Nullable String excludedAttributes,
            HttpServletRequest request) {
        return one(
                shapes.group(provisioning.group(groupId(id)), true),
                attributes,
                excludedAttributes,
                request);
    }

    @PutMapping("/Groups/{id}")
    ResponseEntity<String> replaceGroup(@PathVariable String id, HttpServletRequest request)
            throws IOException {
        JsonNode body = body(request);
        return tagged(
                shapes.group(
                        provisioning.changeGroup(
                                groupId(id),
                                before -> {
                                    match(request, shapes.group(before, true));
                                    return shapes.newGroup(body);
                                }),
                        true));
    }

    @PatchMapping("/Groups/{id}")
    ResponseEntity<String> patchGroup(@PathVariable String id, HttpServletRequest request)
            throws IOException {
        JsonNode body = body(request);
        return tagged(
                shapes.group(
                        provisioning.changeGroup(
                                groupId(id),
                                before -> {
                                    match(request, shapes.group(before, true));
                                    return shapes.patchedGroup(before, body);
                                }),
                        true));
    }

    @DeleteMapping("/Groups/{id}")
    ResponseEntity<Void> removeGroup(@PathVariable String id, HttpServletRequest request) {
        provisioning.removeGroup(groupId(id), before -> match(request, shapes.group(before, true)));
        return ResponseEntity.noContent().build();
    }

    // ------------------------------------------------------------ about ourselves

    @GetMapping("/ServiceProviderConfig")
    ResponseEntity<String> providerConfig() {
        return ok(shapes.providerConfig());
    }

    @GetMapping("/ResourceTypes")
    ResponseEntity<String> resourceTypes() {
        return all(shapes.resourceTypes());
    }

    @GetMapping("/ResourceTypes/{name}")
    ResponseEntity<String> resourceType(@PathVariable String name) {
        return ok(named(shapes.resourceTypes(), name, "resource type"));
    }

    @GetMapping("/Schemas")
    ResponseEntity<String> schemas() {
        return all(shapes.schemas());
    }

    @GetMapping("/Schemas/{name}")
    ResponseEntity<String> schema(@PathVariable String name) {
        return ok(named(shapes.schemas(), name, "schema"));
    }

    private ResponseEntity<String> all(List<ObjectNode> items) {
        return ok(shapes.page(items, items.size(), 1));
    }

    private static ObjectNode named(List<ObjectNode> items, String name, String what) {
        return items.stream()
                .filter(item -> item.get("id").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> ScimException.notFound(what));
    }

    /** What SCIM knows and we have not: bulk requests, one's own resource, searches by POST. */
    @RequestMapping("/**")
    ResponseEntity<String> nothingElse() {
        return error(
                404,
                null,
                "There is nothing at this address. ServiceProviderConfig says what there is.");
    }

    // ------------------------------------------------------------ requests and answers

    private JsonNode body(HttpServletRequest request) throws IOException {
        byte[] bytes = request.getInputStream().readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new ScimException(
                    413, "tooMany", "A request has at most " + MOST_BYTES + " bytes.");
        }
        return shapes.read(bytes);
    }

    private static UUID userId(String id) {
        return id(id, "user");
    }

    private static UUID groupId(String id) {
        return id(id, "group");
    }

    private static UUID id(String id, String what) {
        if (!ID.matcher(id).matches()) {
            throw ScimException.notFound(what);
        }
        return UUID.fromString(id);
    }

    private static String version(ObjectNode resource) {
        return resource.at("/meta/version").asString();
    }

    private static void match(HttpServletRequest request, ObjectNode present) {
        String wanted = request.getHeader(HttpHeaders.IF_MATCH);
        if (wanted != null && !names(wanted, version(present))) {
            throw new ScimException(
                    412, null, "It was changed meanwhile. Read it again and repeat the change.");
        }
    }

    private static boolean names(String header, String version) {
        return Arrays.stream(header.split(",", -1))
                .map(String::strip)
                .anyMatch(each -> each.equals("*") || each.equals(version));
    }

    private ResponseEntity<String> one(
            ObjectNode resource,
            @Nullable String attributes,
            @Nullable String excludedAttributes,
            HttpServletRequest request) {
        String version = version(resource);
        String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known != null && names(known, version)) {
            return ResponseEntity.status(304).eTag(version).build();
        }
        return ResponseEntity.ok()
                .contentType(SCIM)
                .eTag(version)
                .body(ScimShapes.only(resource, attributes, excludedAttributes).toString());
    }

    private static ResponseEntity<String> ok(ObjectNode node) {
        return ResponseEntity.ok().contentType(SCIM).body(node.toString());
    }

    private static ResponseEntity<String> tagged(ObjectNode node) {
        return ResponseEntity.ok().contentType(SCIM).eTag(version(node)).body(node.toString());
    }

    private static ResponseEntity<String> created(ObjectNode node) {
        return ResponseEntity.status(201)
                .contentType(SCIM)
                .eTag(version(node))
                .header(HttpHeaders.LOCATION, node.at("/meta/location").asString())
                .body(node.toString());
    }

    @ExceptionHandler
    ResponseEntity<String> refused(ScimException e) {
        return error(e.status(), e.type(), e.detail());
    }

    @ExceptionHandler
    ResponseEntity<String> refused(ProblemException e) {
        return error(e.problem().status(), null, e.detail());
    }

    private ResponseEntity<String> error(int status, @Nullable String type, String detail) {
        return ResponseEntity.status(HttpStatusCode.valueOf(status))
                .contentType(SCIM)
                .body(shapes.error(status, type, detail).toString());
    }
}
