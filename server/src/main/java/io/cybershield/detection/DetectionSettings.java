package io.cybershield.detection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What rules may cost. A step is roughly one short comparison.
 *
 * @param mostSteps of one rule on one event, whatever its size; beyond it the rule gives no answer
 *     on that event
 * @param stepBudget of one rule on an ordinary event; a rule that needs more goes into quarantine
 * @param measureEvery how often a tenant's batch is measured
 */
@ConfigurationProperties("cybershield.detection")
record DetectionSettings(
        @DefaultValue("20000000") long mostSteps,
        @DefaultValue("5000000") long stepBudget,
        @DefaultValue("10s") Duration measureEvery) {}
