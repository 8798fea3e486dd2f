package io.cybershield.workflow;

import io.cybershield.flow.Descriptions;
import io.cybershield.flow.DrawingCheck;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.Expressions;
import io.cybershield.platform.SealedColumn;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts that this server shares with the commands that need none. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(Weights.class)
class FlowBeans {
    @Bean
    Expressions expressions() {
        return new Expressions();
    }

    @Bean
    Evaluation evaluation(Expressions expressions) {
        return new Evaluation(expressions);
    }

    @Bean
    Descriptions descriptions(NodeKinds kinds) {
        return kinds.descriptions();
    }

    @Bean
    DrawingCheck drawingCheck(Descriptions kinds, Expressions expressions) {
        return new DrawingCheck(kinds, expressions);
    }

    @Bean
    SealedColumn sealedWorkflowSecret() {
        return new SealedColumn(
                "workflow_secrets",
                "sealed",
                "name",
                "'workflow-secret|' || tenant_id || '|' || name",
                false);
    }

    @Bean
    SealedColumn sealedBundleKey() {
        return new SealedColumn(
                "workflow_bundle_keys",
                "sealed",
                "id",
                "'workflow-bundle-key|' || tenant_id || '|' || id",
                false);
    }
}
