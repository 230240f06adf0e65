# Makes qqnorm.json: what R draws in a normal quantile plot, of a sample that is in the file.
# Rscript tests/analytics/golden/qqnorm.R > tests/analytics/golden/qqnorm.json
set.seed(19140801)
as_text <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")
sample <- rt(60, 4)
drawn <- qqnorm(as.numeric(scale(sample)), plot.it = FALSE)
cat("{\n", sprintf('"origin": "qqnorm.R, %s",\n', R.version.string),
    sprintf('"sample": %s,\n"normal": %s,\n"quantiles": %s\n}\n', as_text(sample), as_text(sort(drawn$x)),
            as_text(sort(drawn$y))), sep = "")
