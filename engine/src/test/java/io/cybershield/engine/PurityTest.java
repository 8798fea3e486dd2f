package io.cybershield.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.random.RandomGenerator;

@AnalyzeClasses(
        packages = "io.cybershield.engine",
        importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {
    @ArchTest
    static final ArchRule usesTheJdkAlone =
            ArchRuleDefinition.classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.cybershield.engine", "java..", "org.jspecify.annotations");

    @ArchTest
    static final ArchRule touchesNeitherDiskNorNetworkNorThreads =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.io..",
                            "java.nio..",
                            "java.net..",
                            "java.sql..",
                            "java.util.concurrent..",
                            "java.lang.reflect..")
                    .orShould()
                    .dependOnClassesThat(
                            JavaClass.Predicates.assignableTo(Thread.class)
                                    .or(JavaClass.Predicates.assignableTo(Process.class))
                                    .or(JavaClass.Predicates.assignableTo(ThreadLocal.class)));

    @ArchTest
    static final ArchRule readsNoClock =
            noClasses()
                    .should()
                    .dependOnClassesThat(JavaClass.Predicates.assignableTo(Clock.class))
                    .orShould()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule drawsNoRandomNumber =
            noClasses()
                    .should()
                    .dependOnClassesThat(
                            JavaClass.Predicates.assignableTo(RandomGenerator.class)
                                    .or(JavaClass.Predicates.assignableTo(Random.class))
                                    .or(
                                            DescribedPredicate.describe(
                                                    "UUID",
                                                    type ->
                                                            type.getName()
                                                                    .equals("java.util.UUID"))))
                    .orShould()
                    .callMethod(Math.class, "random");
}
