package io.cybershield.hunt;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** What starts in less than a second must not grow a framework. */
@AnalyzeClasses(packages = "io.cybershield.hunt", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule USES_FEW_LIBRARIES =
            ArchRuleDefinition.classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.cybershield.hunt",
                            "io.cybershield.sigma",
                            "io.cybershield.evtx",
                            "io.cybershield.inputs",
                            "java..",
                            "picocli",
                            "tools.jackson.core..",
                            "org.snakeyaml.engine..",
                            "org.jspecify.annotations");

    @ArchTest
    static final ArchRule NEVER_GOES_TO_THE_NETWORK =
            ArchRuleDefinition.noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.net..", "java.sql..", "javax..");
}
