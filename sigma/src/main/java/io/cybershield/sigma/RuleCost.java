package io.cybershield.sigma;

/**
 * What a rule has cost.
 *
 * @param runs events that it was tried on, those left out that plainly cannot fulfil it
 * @param hits events that fulfilled it
 * @param steps work done for it; a step is roughly one short comparison. An answer that several
 *     rules ask for is counted with the first of them
 * @param cutOff events on which it went beyond {@link RuleSet#limitSteps} and gave no answer
 * @param off whether it is switched off now
 */
public record RuleCost(
        SigmaRule rule, long runs, long hits, long steps, long cutOff, boolean off) {}
