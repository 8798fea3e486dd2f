package io.cybershield.billing;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What one month came to; never changed after it was issued.
 *
 * @param number of this company's own series, without gaps
 * @param month such as 2026-11, in UTC
 * @param totalCents sum of the lines
 */
@Schema(name = "Invoice")
record Invoice(
        UUID id,
        String number,
        String month,
        Instant issuedAt,
        String company,
        String currency,
        long totalCents,
        List<Line> lines,
        Used used) {
    /**
     * One plan for some of the month.
     *
     * @param monthlyCents price of a whole month
     * @param trial whether that time was free
     */
    @Schema(name = "InvoiceLine")
    record Line(
            String plan,
            String title,
            long monthlyCents,
            Instant from,
            Instant until,
            boolean trial,
            long cents) {}

    /** What was used in the month; it does not change the price. */
    @Schema(name = "InvoiceUsage")
    record Used(long events, long runs) {}

    /** A head and one line for each of the invoice's, as RFC 4180 has it. */
    String csv() {
        var text =
                new StringBuilder(
                        "number,month,company,plan,from,until,trial,monthly,amount,currency\r\n");
        for (Line line : lines) {
            text.append(
                            String.join(
                                    ",",
                                    cell(number),
                                    cell(month),
                                    cell(company),
                                    cell(line.title()),
                                    cell(line.from().toString()),
                                    cell(line.until().toString()),
                                    cell(line.trial() ? "yes" : "no"),
                                    cell(Money.decimal(line.monthlyCents())),
                                    cell(Money.decimal(line.cents())),
                                    cell(currency)))
                    .append("\r\n");
        }
        return text.toString();
    }

    /** What a spreadsheet would take for a formula is made text. */
    private static String cell(String value) {
        String safe =
                !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
        return '"' + safe.replace("\"", "\"\"") + '"';
    }
}
