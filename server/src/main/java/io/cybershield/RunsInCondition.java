package io.cybershield;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Reads {@code cybershield.roles}; absent means all roles. */
final class RunsInCondition implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        @Nullable Map<String, @Nullable Object> declared =
                metadata.getAnnotationAttributes(RunsIn.class.getName());
        if (declared == null || !(declared.get("value") instanceof Role[] wanted)) {
            return false;
        }
        Set<Role> running =
                Role.parse(context.getEnvironment().getProperty("cybershield.roles", "all"));
        return Arrays.stream(wanted).anyMatch(running::contains);
    }
}
