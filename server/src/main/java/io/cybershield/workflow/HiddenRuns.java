package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Sight;
import io.cybershield.platform.Transactions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * What is about an incident that a person does not see is not there for them either: runs,
 * approvals, tasks and failures. The engine itself sees all, whoever made it act.
 */
@Configuration(proxyBeanMethods = false)
@RunsIn(Role.WEB)
public class HiddenRuns implements WebMvcConfigurer, HandlerInterceptor {
    /** For lists of what has an {@code incident_id}. */
    static final String SEEN =
            "(incident_id IS NULL OR EXISTS (SELECT FROM incident i WHERE i.id = incident_id))";

    /** For lists of what has a {@code run_id}. */
    static final String OF_SEEN_RUNS =
            "run_id IN (SELECT r.id FROM workflow_instances r WHERE r.id = run_id AND "
                    + SEEN.replace("incident_id", "r.incident_id")
                    + ")";

    private static final Map<String, String> TABLES =
            Map.of(
                    "run", "workflow_instances",
                    "approval", "workflow_approvals",
                    "task", "workflow_tasks");

    /** As handlers name what they are about, whatever way the address is spelled. */
    private static final Pattern ONE =
            Pattern.compile("/api/v1/(run|approval|task)s/\\{([a-z]+)}(?:/.*)?");

    private final JdbcClient jdbc;
    private final Transactions transactions;

    HiddenRuns(JdbcClient jdbc, Transactions transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/api/**");
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        var one =
                ONE.matcher(
                        String.valueOf(
                                request.getAttribute(
                                        HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)));
        if (one.matches()
                && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                        instanceof Map<?, ?> named) {
            id(named.get(one.group(2))).ifPresent(id -> require(one.group(1), id));
        }
        return true;
    }

    /** Empty for what the handler will refuse. */
    private static Optional<UUID> id(@Nullable Object text) {
        try {
            return Optional.of(UUID.fromString(String.valueOf(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * @throws io.cybershield.platform.ProblemException as for a run that there is not
     */
    public void requireRun(UUID run) {
        require("run", run);
    }

    private void require(String kind, UUID id) {
        if (!(Scope.find().orElse(null) instanceof Scope.Tenant here)
                || here.sight().equals(Sight.ALL)) {
            return;
        }
        boolean hidden =
                transactions.call(() ->
                        jdbc.sql(
                                        "SELECT 1 FROM "
                                                + TABLES.get(kind)
                                                + " WHERE id = :id AND NOT "
                                                + SEEN)
                                .param("id", id)
                                .query(Integer.class)
                                .optional()
                                .isPresent());
        if (hidden) {
            throw Problems.NOT_FOUND.because("There is no such " + kind + ".");
        }
    }
}
