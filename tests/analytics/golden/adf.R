# Makes adf.json: Dickey-Fuller by urca::ur.df at each fixed number of lags, on two legs that are in the file.
# drift: with a constant, on y.  residual: without one, on the residual of y on x by lm.
# ur.df does not estimate again on a longer sample what it chose, so only fixed lags compare.
# Rscript tests/analytics/golden/adf.R > tests/analytics/golden/adf.json
library(urca)
set.seed(20240311)
as_text <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")
statistics <- function(series, type) {
  sapply(0:17, function(lags) {
    ur.df(series, type = type, lags = lags, selectlags = "Fixed")@teststat[1]
  })
}
one <- function(name, n, kept, unit, level) {
  x <- cumsum(rnorm(n)) * unit + level
  y <- 1.5 * x + as.numeric(arima.sim(list(ar = kept, ma = 0.4), n)) * unit
  sprintf('"%s": {"y": %s, "x": %s, "drift": %s, "residual": %s}', name, as_text(y), as_text(x),
          as_text(statistics(y, "drift")), as_text(statistics(residuals(lm(y ~ x)), "none")))
}
cat("{\n", sprintf('"origin": "adf.R, %s, urca %s",\n', R.version.string, packageVersion("urca")),
    paste(c(one("quick", 90, 0.3, 0.1, 100), one("slow", 300, 0.97, 1e-9, 1e-7), one("dear", 150, 0.8, 20, 60000), one("echo", 400, c(0, 0, 0, 0, 0, 0.7), 1, 10)),
          collapse = ",\n"), "\n}\n", sep = "")
