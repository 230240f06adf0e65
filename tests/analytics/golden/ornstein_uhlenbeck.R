# Makes ornstein_uhlenbeck.json: the exact likelihood of an Ornstein-Uhlenbeck process, maximised numerically in
# (mean, reversion, volatility), and standard errors from its numerical curvature. The spreads are in the file.
# Rscript tests/analytics/golden/ornstein_uhlenbeck.R > tests/analytics/golden/ornstein_uhlenbeck.json
set.seed(19730917)
as_text <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")
loss <- function(p, e) {            # p: mean, log reversion, log volatility; minus the log likelihood
  k <- exp(-exp(p[2]))
  variance <- exp(2 * p[3]) * (1 - k^2) / (2 * exp(p[2]))
  -sum(dnorm(e[-1], p[1] + k * (head(e, -1) - p[1]), sqrt(variance), log = TRUE))
}
one <- function(name, n, reversion, deviation, level) {
  k <- exp(-reversion)
  e <- level + as.numeric(arima.sim(list(ar = k), n, sd = deviation * sqrt(1 - k^2)))
  scaled <- (e - mean(e)) / sd(e)   # optim works on numbers of order one
  fit <- optim(c(0, log(reversion), log(sqrt(2 * reversion))), loss, e = scaled, method = "BFGS",
               control = list(reltol = 1e-16, maxit = 1000, ndeps = rep(1e-5, 3)))
  fit <- optim(fit$par, loss, e = scaled, method = "Nelder-Mead", control = list(reltol = 1e-16, maxit = 5000))
  covariance <- solve(optimHess(fit$par, loss, e = scaled, control = list(ndeps = rep(1e-4, 3))))
  error <- sqrt(diag(covariance))
  speed <- exp(fit$par[2]); volatility <- exp(fit$par[3])
  towards <- c(0, -0.5, 1)          # log deviation = log volatility - log reversion / 2 - log 2 / 2
  values <- c(mean = mean(e) + sd(e) * fit$par[1], mean_stderr = sd(e) * error[1],
              reversion = speed, reversion_stderr = speed * error[2],
              volatility = sd(e) * volatility, volatility_stderr = sd(e) * volatility * error[3],
              deviation = sd(e) * volatility / sqrt(2 * speed),
              deviation_stderr = sd(e) * volatility / sqrt(2 * speed) * sqrt(drop(t(towards) %*% covariance %*% towards)))
  sprintf('"%s": {"spread": %s,\n%s}', name, as_text(e),
          paste(sprintf('"%s": %.12g', sub("[.].*", "", names(values)), values), collapse = ", "))
}
cat("{\n", sprintf('"origin": "ornstein_uhlenbeck.R, %s",\n', R.version.string),
    paste(c(one("quick", 60, 0.7, 2, -5), one("slow", 150, 0.08, 1e-4, 1e-3), one("large", 80, 0.2, 40, 1e6)),
          collapse = ",\n"), "\n}\n", sep = "")
