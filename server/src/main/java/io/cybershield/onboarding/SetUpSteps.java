package io.cybershield.onboarding;

import io.cybershield.connector.Connector;
import io.cybershield.tenant.Founding;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The node types of the workflow that sets companies up. */
@Configuration(proxyBeanMethods = false)
class SetUpSteps {
    @Bean
    Connector setUpRoom(Founding founding) {
        return new SetUpStep(
                "company-room",
                "Make room",
                "Makes the company's role, schema and walls.",
                founding::makeRoom);
    }

    @Bean
    Connector setUpRoomBack(Founding founding) {
        return new SetUpStep(
                "company-room-back",
                "Take the room back",
                "Takes role and schema away, unless the company is there.",
                always(founding::takeRoomBack));
    }

    @Bean
    Connector setUpPlan(Founding founding) {
        return new SetUpStep(
                "company-plan",
                "Subscribe",
                "Subscribes the company to the plan that was chosen, where there are plans.",
                always(founding::subscribe));
    }

    @Bean
    Connector setUpPlanBack(Founding founding) {
        return new SetUpStep(
                "company-plan-back",
                "Withdraw",
                "Takes the subscription back, unless the company is there.",
                always(founding::withdraw));
    }

    @Bean
    Connector setUpOpen(Founding founding) {
        return new SetUpStep(
                "company-open",
                "Open",
                "Enters the company, its administrator and the trail's first entry at once.",
                founding::open);
    }

    @Bean
    Connector setUpWelcome(Founding founding) {
        return new SetUpStep(
                "company-welcome",
                "Welcome",
                "Tells the administrator that the company is there.",
                always(founding::welcome));
    }

    @Bean
    Connector setUpSettle(Founding founding) {
        return new SetUpStep(
                "company-settle",
                "Settle",
                "Ends what did not become a company as nothing.",
                always(founding::settle));
    }

    private static Function<UUID, Optional<String>> always(Consumer<UUID> work) {
        return registration -> {
            work.accept(registration);
            return Optional.empty();
        };
    }
}
