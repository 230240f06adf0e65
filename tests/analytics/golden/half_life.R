# Makes half_life.json: the slope of diff(e) on lag(e) by R's lm, on a spread that is in the file.
# Rscript tests/analytics/golden/half_life.R > tests/analytics/golden/half_life.json
set.seed(20240229)
as_text <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")
one <- function(name, n, kept, unit, level) {
  spread <- as.numeric(arima.sim(list(ar = kept), n)) * unit + level
  fit <- summary(lm(diff(spread) ~ head(spread, -1)))$coefficients
  lambda <- fit[2, 1]
  sprintf('"%s": {"spread": %s, "reversion": %.17g, "stderr": %.17g, "exact": %.17g, "chan": %.17g}',
          name, as_text(spread), lambda, fit[2, 2], -log(2) / log(1 + lambda), -log(2) / lambda)
}
cat("{\n", sprintf('"origin": "half_life.R, %s",\n', R.version.string),
    paste(c(one("quick", 40, 0.3, 1, 0), one("slow", 120, 0.95, 0.01, 3), one("tiny", 60, 0.8, 1e-9, 1e-8)),
          collapse = ",\n"), "\n}\n", sep = "")
