package io.cybershield.report;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.detection.RulesInUse;
import io.cybershield.platform.Problems;
import io.cybershield.report.Overview.OverviewView;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Locale;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The first page, for people. */
@RestController
@RunsIn(Role.WEB)
class OverviewController {
    private static final int LIVE_SECONDS = 90;
    private final Overview overview;
    private final FirstSteps firstSteps;
    private final RulesInUse rules;
    private final Access access;

    OverviewController(Overview overview, FirstSteps firstSteps, RulesInUse rules, Access access) {
        this.overview = overview;
        this.firstSteps = firstSteps;
        this.rules = rules;
        this.access = access;
    }

    @GetMapping("/api/v1/overview")
    OverviewView overview(
            @RequestParam(defaultValue = "24h")
                    @Parameter(schema = @Schema(implementation = Overview.Range.class))
                    String range) {
        access.require("incident:read");
        rules.ensureShipped();
        return overview.over(
                Overview.Range.find(range)
                        .orElseThrow(() ->
                                Problems.MALFORMED.because(
                                        "There is no range '"
                                                + range
                                                + "'. Use 1h, 24h, 7d or 30d.")));
    }

    /**
     * @param step what to do
     * @param done whether the workspace has it
     */
    record FirstStepView(
            @Schema(allowableValues = {"source", "rules", "colleague", "workflow"}) String step,
            boolean done) {}

    record FirstStepsView(List<FirstStepView> items) {}

    /** What a new workspace has and lacks, in the order in which to do it. */
    @GetMapping("/api/v1/overview/first-steps")
    FirstStepsView firstSteps() {
        access.require("incident:read");
        return new FirstStepsView(
                firstSteps.standing().stream()
                        .map(s ->
                                new FirstStepView(
                                        s.step().name().toLowerCase(Locale.ROOT), s.done()))
                        .toList());
    }

    /**
     * What a live chart begins with; the {@code overview} topic goes on from there.
     *
     * @param buckets one a second, oldest first
     */
    record RecentFindings(List<Overview.Bucket> buckets) {}

    @GetMapping("/api/v1/overview/recent")
    RecentFindings recent() {
        access.require("incident:read");
        return new RecentFindings(overview.lastSeconds(LIVE_SECONDS));
    }
}
