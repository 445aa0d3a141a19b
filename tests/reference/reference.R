# Reference fits for the Python tests. From the repository's root:  Rscript tests/reference/reference.R
# It simulates the small data sets beside it, fits every model with lme4 and nlme, and writes reference.csv.
# Written with R 4.2, lme4 1.1-31 and nlme 3.1-162; R is not needed to run the tests.

suppressMessages({library(lme4); library(nlme)})

here <- "tests/reference"

# --- data sets ---------------------------------------------------------------------------------------------------

simulate <- function(subject, age, beta, g, sigma, digits) {
  root <- t(chol(g + diag(1e-12, 2)))
  ids <- unique(subject)
  b <- t(root %*% matrix(rnorm(2 * length(ids)), nrow = 2))
  b <- b[match(subject, ids), ]
  height <- beta[1] + b[, 1] + (beta[2] + b[, 2]) * age + rnorm(length(age), sd = sigma)
  data.frame(Subject = subject, age = round(age, 4), height = round(height, digits))
}

set.seed(20240611)
g <- matrix(c(60, 8, 8, 3), 2)

sizes <- c(2, 9, 3, 8, 4, 7, 5, 6, 9, 2, 3, 8, 7, 4)
subject <- rep(paste0("boy-", letters[seq_along(sizes)]), sizes)
unbalanced <- simulate(subject, runif(sum(sizes), -1, 1), c(150, 6.5), g, 0.7, 1)
unbalanced <- unbalanced[sample(nrow(unbalanced)), ]

few <- simulate(rep(1:4, each = 6), rep(seq(-1, 1, length.out = 6), 4), c(150, 6.5), g, 0.7, 1)

# No differences between subjects at all: heights of one boy are as alike as those of different boys.
repeat {
  flat <- simulate(rep(1:12, each = 5), rep(seq(-1, 1, length.out = 5), 12), c(150, 6.5), g * 0, 3, 1)
  singular <- isSingular(lmer(height ~ age + (age | Subject), flat)) &&
    isSingular(lmer(height ~ age + (1 | Subject), flat)) && isSingular(lmer(height ~ 1 + (1 | Subject), flat))
  if (singular) break
}

# Ages as ages, heights in millimetres.
uncentred <- simulate(rep(1:20, each = 6), rep(seq(11, 13, length.out = 6), 20) + runif(120, -.1, .1),
                      c(716, 65), 100 * rbind(c(410, -29), c(-29, 3)), 6, 0)

# Heights in metres; the slope is a multiple of the intercept, so that the correlation runs into 1.
repeat {
  perfect <- simulate(rep(1:15, each = 5), rep(seq(-1, 1, length.out = 5), 15) + 12, c(0.72, 0.065),
                      1e-4 * tcrossprod(c(5 - 12 * 1.5, 1.5)), 0.02, 3)
  if (isSingular(lmer(height ~ age + (age | Subject), transform(perfect, age = age - 12)))) break
}

simulated <- list(unbalanced = unbalanced, few = few, flat = flat, uncentred = uncentred, perfect = perfect)
for (name in names(simulated))
  write.csv(simulated[[name]], file.path(here, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
# Read back what Python will read.
data_sets <- c(list(oxboys = read.csv("data/oxboys.csv")),
               lapply(setNames(nm = names(simulated)), function(n) read.csv(file.path(here, paste0(n, ".csv")))))

# --- fits --------------------------------------------------------------------------------------------------------

rows <- list()
note <- function(data_set, model, method, quantity, value)
  rows[[length(rows) + 1]] <<- data.frame(data_set, model, method, quantity, value = sprintf("%.12g", value))

describe <- function(data_set, model, method, fit, shift = 0) {
  # Ages are centred before lme4 sees them (its optimiser needs that); the estimates are carried back to age 0.
  back <- function(v) if (length(v) == 2) rbind(c(1, -shift), c(0, 1)) else diag(length(v))
  beta <- fixef(fit); tb <- back(beta)
  se <- sqrt(diag(tb %*% as.matrix(vcov(fit)) %*% t(tb)))
  beta <- tb %*% beta
  for (i in seq_along(beta)) {
    note(data_set, model, method, c("intercept", "age")[i], beta[i])
    note(data_set, model, method, c("intercept_se", "age_se")[i], se[i])
  }
  blocks <- VarCorr(fit)
  cov <- as.matrix(Matrix::bdiag(lapply(blocks, function(b) matrix(b, nrow(b)))))
  tc <- back(seq_len(nrow(cov)))
  cov <- tc %*% cov %*% t(tc)
  terms <- unlist(lapply(blocks, rownames))
  short <- ifelse(terms == "(Intercept)", "intercept", "age")
  for (i in seq_along(short)) note(data_set, model, method, paste0("var_", short[i]), cov[i, i])
  if (length(short) == 2) note(data_set, model, method, "cov", cov[1, 2])
  note(data_set, model, method, "residual", sigma(fit)^2)
  note(data_set, model, method, "loglik", as.numeric(logLik(fit)))
  note(data_set, model, method, "singular", as.numeric(isSingular(fit)))
}

formulas <- list(null = height ~ 1 + (1 | Subject),
                 random_intercept = height ~ age + (1 | Subject),
                 random_slope = height ~ age + (age | Subject),
                 slope_only = height ~ age + (0 + age | Subject),
                 uncorrelated = height ~ age + (age || Subject))
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                       check.conv.grad = "ignore", check.conv.singular = "ignore", check.conv.hess = "ignore")

for (data_set in names(data_sets)) {
  for (model in setdiff(names(formulas), "uncorrelated")) {
    d <- data_sets[[data_set]]
    # Where only slopes vary the model depends on where age 0 lies, so nothing may be centred.
    shift <- if (model == "random_slope") mean(d$age) else 0
    d$age <- d$age - shift
    describe(data_set, model, "REML", lmer(formulas[[model]], d, control = control), shift)
  }
}

# The mistakes that students make with Oxboys, as numbers to recognise.
d <- data_sets$oxboys
for (model in names(formulas))
  describe("oxboys", model, "ML", lmer(formulas[[model]], d, REML = FALSE, control = control))
describe("oxboys", "uncorrelated", "REML", lmer(formulas$uncorrelated, d, control = control))
ols <- lm(height ~ age, d)
for (i in 1:2) {
  note("oxboys", "ols", "REML", c("intercept", "age")[i], coef(ols)[i])
  note("oxboys", "ols", "REML", c("intercept_se", "age_se")[i], sqrt(diag(vcov(ols)))[i])
}
note("oxboys", "ols", "REML", "residual", sigma(ols)^2)
note("oxboys", "ols", "REML", "loglik", as.numeric(logLik(ols, REML = TRUE)))

# The curves of notebook 9.
curves <- list(curve = height ~ age + I(age^2) + (age | Subject),
               random_bend = height ~ age + I(age^2) + (age + I(age^2) | Subject))
quantities <- c("intercept", "age", "age2")
for (model in names(curves)) {
  fit <- lmer(curves[[model]], d, control = control)
  g <- VarCorr(fit)$Subject
  note("oxboys", model, "REML", quantities, fixef(fit))
  note("oxboys", model, "REML", paste0(quantities, "_se"), sqrt(diag(as.matrix(vcov(fit)))))
  note("oxboys", model, "REML", paste0("var_", quantities[seq_len(nrow(g))]), diag(g))
  note("oxboys", model, "REML", "residual", sigma(fit)^2)
  note("oxboys", model, "REML", "loglik", as.numeric(logLik(fit)))
}

# The intervals of notebook 10, at age .5.
fan <- lmer(formulas$random_slope, d, control = control)
x <- c(1, .5)
note("oxboys", "random_slope", "REML", "average_at_half", sum(fixef(fan) * x))
note("oxboys", "random_slope", "REML", "average_at_half_se", sqrt(drop(x %*% as.matrix(vcov(fan)) %*% x)))
note("oxboys", "random_slope", "REML", "var_boys_at_half", drop(x %*% matrix(VarCorr(fan)$Subject, 2) %*% x))
note("oxboys", "random_slope", "REML", "boy1_at_half", predict(fan, data.frame(age = .5, Subject = 1)))

# Notebook 7: one model, with age 0 at other places.
for (zero in c(first_visit = -1, last_visit = 1, birth = -12.25))
  describe("oxboys", paste0("random_slope_from_", zero), "REML",
           lmer(formulas$random_slope, transform(d, age = age - mean(age)), control = control), mean(d$age) - zero)

# Notebooks 6, 8 and 9: models of a part of the rows.
sparse <- subset(d, !(Subject == 4 & Occasion > 2))
three <- subset(d, Occasion <= 3)
eight <- subset(d, Occasion <= 8)
sparse_fit <- lmer(formulas$random_slope, sparse, control = control)
describe("oxboys", "sparse", "REML", sparse_fit)
note("oxboys", "sparse", "REML", "boy4_last", predict(sparse_fit, subset(d, Subject == 4 & Occasion == 9)))
note("oxboys", "three_visits_parallel", "REML", "loglik", as.numeric(logLik(lmer(formulas$random_intercept, three, control = control))))
note("oxboys", "three_visits_fan", "REML", "loglik", as.numeric(logLik(lmer(formulas$random_slope, three, control = control))))
eight_fit <- lmer(curves$random_bend, eight, control = control)
ninth <- subset(d, Occasion == 9)
note("oxboys", "eight_visits_bend", "REML", "loglik", as.numeric(logLik(eight_fit)))
note("oxboys", "eight_visits_bend", "REML", "rmse", sqrt(mean((ninth$height - predict(eight_fit, ninth))^2)))

# nlme as a second opinion on the models that it can fit without a boundary.
tight <- lmeControl(msTol = 1e-12, tolerance = 1e-10, msMaxIter = 500, opt = "optim")
second <- list(null = lme(height ~ 1, d, ~ 1 | Subject, control = tight),
               random_intercept = lme(height ~ age, d, ~ 1 | Subject, control = tight),
               random_slope = lme(height ~ age, d, ~ age | Subject, control = tight),
               curve = lme(height ~ age + I(age^2), d, ~ age | Subject, control = tight),
               random_bend = lme(height ~ age + I(age^2), d, ~ age + I(age^2) | Subject, control = tight),
               sparse = lme(height ~ age, sparse, ~ age | Subject, control = tight))
for (model in names(second)) note("oxboys", model, "REML", "loglik_nlme", as.numeric(logLik(second[[model]])))

write.csv(do.call(rbind, rows), file.path(here, "reference.csv"), row.names = FALSE, quote = FALSE)
