package io.cybershield.platform;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.customizers.ParameterCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What {@code /v3/api-docs} says besides what the controllers show: how to sign in, how every
 * refusal looks, which members may be missing. {@code docs/openapi.json} is its committed copy; the
 * user interface's types are made of that.
 */
@Configuration(proxyBeanMethods = false)
@RunsIn(Role.WEB)
class ApiDocument {
    private static final String PROBLEM = "Problem";
    private static final String SESSION = "session";

    /**
     * The shape of a refusal (RFC 9457).
     *
     * @param permission what was missing, on 403
     * @param grantedBy roles that have it, on 403
     * @param retryAfterSeconds when to try again, where waiting helps
     * @param limit what the plan has, where it is used up
     * @param used how much of it is used
     */
    @io.swagger.v3.oas.annotations.media.Schema(name = PROBLEM)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProblemView(
            String type,
            String title,
            int status,
            String detail,
            String instance,
            @Nullable List<Problem.Place> errors,
            @Nullable String permission,
            @Nullable List<String> grantedBy,
            @Nullable Long retryAfterSeconds,
            @Nullable Long limit,
            @Nullable Long used) {}

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .servers(List.of(new Server().url("/"))) // where the document was read
                .info(
                        new Info()
                                .title("CyberShield")
                                .version("v1")
                                .description(
                                        "Lists page by cursor: pass `next` of one page as `cursor`"
                                                + " of the following. Times are ISO-8601 in UTC."
                                                + " What belongs to another tenant is not found."
                                                + " Requests other than GET that rely on the"
                                                + " session cookie carry the value of the cookie"
                                                + " `XSRF-TOKEN` in the header `X-XSRF-TOKEN`.")
                                .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .components(
                        new Components()
                                .addSecuritySchemes(
                                        SESSION,
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.APIKEY)
                                                .in(SecurityScheme.In.COOKIE)
                                                .name("CSSESSION"))
                                .addSecuritySchemes(
                                        "apiKey",
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.HTTP)
                                                .scheme("bearer")
                                                .description(
                                                        "An API key of a person or a service"
                                                                + " account; needs no CSRF token"))
                                .addSecuritySchemes(
                                        "source",
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.HTTP)
                                                .scheme("bearer")
                                                .description("The token of one source")))
                .addSecurityItem(new SecurityRequirement().addList(SESSION))
                .addSecurityItem(new SecurityRequirement().addList("apiKey"));
    }

    /**
     * Names that stay when a method is added elsewhere: {@code incident.list}, not {@code list_3}.
     */
    @Bean
    OperationCustomizer operationNames() {
        return (operation, method) -> {
            String edge = method.getBeanType().getSimpleName().replace("Controller", "");
            operation.setOperationId(
                    Character.toLowerCase(edge.charAt(0))
                            + edge.substring(1)
                            + "."
                            + method.getMethod().getName());
            operation.setTags(
                    List.of(method.getBeanType().getPackageName().replaceAll(".*\\.", "")));
            return operation;
        };
    }

    @Bean
    ParameterCustomizer optionalParameters() {
        return (parameter, method) -> {
            if (parameter != null && method.isOptional()) {
                parameter.setRequired(null);
            }
            return parameter;
        };
    }

    @Bean
    RecordSchemas recordSchemas() {
        return new RecordSchemas();
    }

    @Bean
    OpenApiCustomizer wholeDocument(RecordSchemas records) {
        return document -> {
            document.setTags(null);
            records.add(document, ProblemView.class);
            document.getPaths().values().stream()
                    .flatMap(path -> path.readOperations().stream())
                    .forEach(operation -> {
                        mayRefuse(operation);
                        sendsFilesAsForms(operation.getRequestBody());
                    });
            records.sayWhatMayBeMissing(document);
        };
    }

    private static void sendsFilesAsForms(@Nullable RequestBody body) {
        if (body == null || body.getContent() == null) {
            return;
        }
        var media = body.getContent().get("application/json");
        Map<String, Schema> fields = media == null ? null : media.getSchema().getProperties();
        if (fields != null
                && fields.values().stream().anyMatch(f -> "binary".equals(f.getFormat()))) {
            body.setContent(new Content().addMediaType("multipart/form-data", media));
        }
    }

    private static void mayRefuse(Operation operation) {
        operation
                .getResponses()
                .addApiResponse(
                        "default",
                        new ApiResponse()
                                .description(
                                        "Refused; `type` says why and is an address that explains"
                                                + " it")
                                .content(
                                        new Content()
                                                .addMediaType(
                                                        "application/problem+json",
                                                        new io.swagger.v3.oas.models.media
                                                                        .MediaType()
                                                                .schema(
                                                                        new Schema<>()
                                                                                .$ref(PROBLEM)))));
    }
}
