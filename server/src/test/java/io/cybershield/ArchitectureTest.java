package io.cybershield;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RestController;

/** Says in code how the contexts hang together; a forbidden arrow fails the build. */
class ArchitectureTest {
    private static final JavaClasses SERVER =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.cybershield");

    private static void holds(ArchRule rule) {
        rule.check(SERVER);
    }

    @Test
    void contextsFormNoCycle() {
        holds(slices().matching("io.cybershield.(*)..").should().beFreeOfCycles());
    }

    @Test
    void platformKnowsNoContext() {
        holds(
                noClasses()
                        .that()
                        .resideInAPackage("io.cybershield.platform..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "io.cybershield.access..",
                                "io.cybershield.approval..",
                                "io.cybershield.audit..",
                                "io.cybershield.billing..",
                                "io.cybershield.connector..",
                                "io.cybershield.detection..",
                                "io.cybershield.incident..",
                                "io.cybershield.ingest..",
                                "io.cybershield.live..",
                                "io.cybershield.notification..",
                                "io.cybershield.onboarding..",
                                "io.cybershield.report..",
                                "io.cybershield.tenant..",
                                "io.cybershield.trigger..",
                                "io.cybershield.workflow..",
                                "io.cybershield.cli.."));
    }

    @Test
    void nobodyKnowsBillingButWhoSubscribes() {
        holds(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.cybershield.billing..", "io.cybershield.tenant..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.cybershield.billing.."));
        holds(
                noClasses()
                        .that()
                        .resideInAPackage("io.cybershield.billing..")
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage("io.cybershield..")
                                        .and(
                                                resideOutsideOfPackages(
                                                        "io.cybershield",
                                                        "io.cybershield.billing..",
                                                        "io.cybershield.access..",
                                                        "io.cybershield.audit..",
                                                        "io.cybershield.notification..",
                                                        "io.cybershield.platform.."))));
    }

    @Test
    void theEngineIsKnownToWhatOffersStepsOnly() {
        holds(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.cybershield.engine..",
                                "io.cybershield.flow..",
                                "io.cybershield.workflow..",
                                "io.cybershield.approval..",
                                "io.cybershield.connector..",
                                "io.cybershield.onboarding..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.cybershield.engine.."));
    }

    @Test
    void flowKnowsTheEngineAlone() {
        holds(
                noClasses()
                        .that()
                        .resideInAPackage("io.cybershield.flow..")
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage("io.cybershield..")
                                        .and(
                                                resideOutsideOfPackages(
                                                        "io.cybershield.flow..",
                                                        "io.cybershield.engine.."))));
    }

    @Test
    void sigmaIsKnownToDetectionOnly() {
        holds(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.cybershield.sigma..",
                                "io.cybershield.detection..",
                                "io.cybershield.hunt..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.cybershield.sigma.."));
    }

    @Test
    void whatMachinesWriteIsReadByIngestAndHuntOnly() {
        holds(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.cybershield.inputs..",
                                "io.cybershield.ingest..",
                                "io.cybershield.hunt..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.cybershield.inputs.."));
    }

    @Test
    void pureModulesKnowNoFramework() {
        holds(
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                "io.cybershield.engine..",
                                "io.cybershield.flow..",
                                "io.cybershield.sigma..",
                                "io.cybershield.evtx..",
                                "io.cybershield.inputs..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "org.springframework..",
                                "java.sql..",
                                "javax.sql..",
                                "io.cybershield.platform.."));
    }

    @Test
    void edgesStayInsideTheirContext() {
        holds(
                classes()
                        .that()
                        .areAnnotatedWith(RestController.class)
                        .should()
                        .notBePublic()
                        .allowEmptyShould(false));
        holds(
                classes()
                        .that()
                        .areAnnotatedWith(Component.class)
                        .and()
                        .haveSimpleNameEndingWith("Store")
                        .should()
                        .notBePublic());
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        holds(
                classes()
                        .that(alwaysTrue())
                        .and()
                        .haveSimpleName("package-info")
                        .should()
                        .beAnnotatedWith(org.jspecify.annotations.NullMarked.class));
    }
}
