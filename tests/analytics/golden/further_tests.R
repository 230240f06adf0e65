# Makes further_tests.json: the tests of Johansen (urca) and of Kwiatkowski et al. (tseries) on legs that are in the file.
# Run beside this file: Rscript further_tests.R
suppressPackageStartupMessages({library(urca); library(tseries)})

digits <- function(values) paste(sprintf("%.15g", as.vector(values)), collapse = ", ")
rows <- function(m) paste0("[", paste(apply(as.matrix(m), 1, function(r) paste0("[", digits(r), "]")), collapse = ", "), "]")

set.seed(20240607)
n <- 160
x <- round(60000 + cumsum(rnorm(n, sd = 25)), 1)
spread <- as.vector(stats::filter(rnorm(n, sd = 0.6), 0.8, method = "recursive"))
bound <- round(0.05 * x - 200 + spread, 2)
apart <- round(2800 + cumsum(rnorm(n, sd = 1.2)), 2)

johansen <- function(name, y, lags) {
  trace <- ca.jo(cbind(y, x), type = "trace", ecdet = "none", K = lags + 1, spec = "transitory")
  largest <- ca.jo(cbind(y, x), type = "eigen", ecdet = "none", K = lags + 1, spec = "transitory")
  sprintf('    {"y": "%s", "lags": %d, "trace": [%s], "largest": [%s], "eigenvalues": [%s], "slopes": [%s],\n     "trace_critical": %s, "largest_critical": %s}',
          name, lags, digits(rev(trace@teststat)), digits(rev(largest@teststat)), digits(trace@lambda[1:2]),
          digits(-trace@V[2, ] / trace@V[1, ]), rows(trace@cval[2:1, ]), rows(largest@cval[2:1, ]))
}

# tseries has another rule for the lags, trunc(4 (n / 100)^(1/4)) = 4. Where the rule of Hobijn et al. gives 4 as well,
# the two are the same test; so series are drawn until it does, and the statistic is where it is wanted in the table.
hobijn <- function(series) {
  e <- series - mean(series)
  n <- length(e)
  cov <- sapply(0:floor(n^(2 / 9)), function(j) sum(e[(1 + j):n] * e[1:(n - j)]) / n)
  cov[-1] <- 2 * cov[-1]
  floor(1.1447 * (n * (sum((seq_along(cov) - 1) * cov) / sum(cov))^2)^(1 / 3))
}
draw <- function(step, low, high) {
  repeat {
    series <- round(rnorm(n) + cumsum(rnorm(n, sd = step)), 3)
    statistic <- suppressWarnings(kpss.test(series, null = "Level")$statistic)
    if (hobijn(series) == trunc(4 * (n / 100)^0.25) && statistic > low && statistic < high) return(series)
  }
}
noise <- draw(0, 0, 0.3)
drifting <- draw(0.1, 0.4, 0.7)
wandering <- draw(0.1, 0.8, 9)
level <- function(name, series) {
  test <- suppressWarnings(kpss.test(series, null = "Level"))
  sprintf('    {"series": "%s", "lags": %d, "statistic": %s, "pvalue": %s}',
          name, as.integer(test$parameter), digits(test$statistic), digits(test$p.value))
}

column <- function(name, values) sprintf('    "%s": [%s]', name, digits(values))
cat("{\n",
    sprintf('  "origin": "R %s.%s, urca %s ca.jo(ecdet = \\"none\\"), tseries %s kpss.test(null = \\"Level\\"); further_tests.R",\n',
            R.version$major, R.version$minor, packageVersion("urca"), packageVersion("tseries")),
    '  "columns": {\n',
    paste(column("x", x), column("bound", bound), column("apart", apart), column("noise", noise),
          column("drifting", drifting), column("wandering", wandering), sep = ",\n"),
    "\n  },\n",
    '  "johansen": [\n',
    paste(johansen("bound", bound, 1), johansen("bound", bound, 4), johansen("apart", apart, 1), johansen("apart", apart, 2), sep = ",\n"),
    "\n  ],\n",
    '  "kpss": [\n',
    paste(level("noise", noise), level("drifting", drifting), level("wandering", wandering), sep = ",\n"),
    "\n  ]\n}\n", sep = "", file = "further_tests.json")
